export { createReceiver, type OutboundMessage, type Receiver, type ReceiverOptions } from './receiver.ts';
