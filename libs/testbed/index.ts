export { SERVER_NAMES, type Progress, type ServerName } from './native/index.ts';
export { fromEnvironment, toEnvironment } from './addresses.ts';
export { findBackgroundStack, stopBackgroundStack, type BackgroundStack } from './background/find.ts';
export { supervise, type ServerStatus, type SuperviseOptions } from './background/supervise.ts';
export { uniqueName } from './names.ts';
export { sharedAddresses } from './addresses.ts';
export { startSecureKafka, type SecureKafka } from './secure-kafka.ts';
export { startServer, startStack } from './stack.ts';
export { makeCertificate, startTlsFront, type TestCertificate, type TlsFront } from './tls.ts';
export { TestbedError } from './types.ts';
export type {
  Addresses,
  AddressesOf,
  DedicatedServer,
  Mode,
  MongoBackend,
  RunningServer,
  ServerOptions,
  Stack,
  StackOptions,
  StopKind,
} from './types.ts';
export { waitFor, type WaitOptions } from './wait.ts';
export { waybillPath } from './waybill-directory.ts';
export { MoodyServer } from './moody-server.ts';
export { RawBroker, type StoredMessage } from './raw-broker.ts';
