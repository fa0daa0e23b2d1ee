export { erasedId, type Eraser, type ErasureScope } from './eraser.ts';
export { createErasureRecords, type ErasureRecord, type ErasureRecords } from './records.ts';
export { countFiles, filesPrefixOf, jobsWithFiles, removeFiles, type FileDeps } from './files.ts';
export {
  erasureAnswer,
  erasureRequest,
  erasureHandler,
  erasureRoutes,
  type ErasureRouteDeps,
} from './route.ts';
export { createTombstones, pseudonymOf, type TombstoneDocument, type Tombstones } from './tombstones.ts';
