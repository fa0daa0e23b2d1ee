export { erasedId, type Eraser, type ErasureScope } from './eraser.ts';
export { countFiles, filesPrefixOf, removeFiles, type FileDeps } from './files.ts';
export {
  erasureAnswer,
  erasureRequest,
  erasureHandler,
  erasureRoutes,
  type ErasureRouteDeps,
} from './route.ts';
export { createTombstones, type TombstoneDocument, type Tombstones } from './tombstones.ts';
