export { erasedId, type Eraser, type ErasureReport, type ErasureScope } from './eraser.ts';
export { countFiles, filesPrefixOf, removeFiles, type FileParts } from './files.ts';
export {
  erasureAnswer,
  erasureRequest,
  erasureHandler,
  erasureRoutes,
  type ErasureRouteParts,
} from './route.ts';
export { createTombstones, type AskedExport, type TombstoneDocument, type Tombstones } from './tombstones.ts';
