import {
  addRoutes,
  createApp,
  createRouter,
  type AppOptions,
  type HttpApp,
  type HttpRouter,
} from '@waybill/http';
import { notifyDocument } from './contract/document.ts';

/** The routes, and beside them /openapi.json, which asks nobody who they are: it says nothing of anybody. */
export function createApplication(routes: HttpRouter, options: AppOptions): HttpApp {
  const documents = createRouter();
  const document = notifyDocument();
  documents.get('/openapi.json', (ctx) => {
    ctx.body = document;
  });
  return addRoutes(addRoutes(createApp(options), documents), routes);
}
