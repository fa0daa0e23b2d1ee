import { silentLogger } from '@waybill/observability';
import { createStorage } from '@waybill/object-storage';
import { openStore } from '@waybill/mongo';
import { given, type Course } from './contender.ts';

/** Opens the database of the CRM and the object storage for a script. */
export function openEnds(course: Course) {
  const logger = silentLogger();
  const crm = openStore({
    url: given(course, 'MONGODB_URL'),
    database: given(course, 'MONGODB_CRM_DATABASE'),
    logger,
  });
  const storage = createStorage({
    endpoint: given(course, 'S3_ENDPOINT'),
    region: given(course, 'S3_REGION'),
    accessKeyId: given(course, 'S3_ACCESS_KEY_ID'),
    secretAccessKey: given(course, 'S3_SECRET_ACCESS_KEY'),
    logger,
  });
  const openUpload = (key: string) =>
    storage.openUpload({
      bucket: course.bucket,
      key,
      contentType: 'application/octet-stream',
      fileName: `bench.${course.format}`,
    });
  return { db: crm.db, openUpload };
}
