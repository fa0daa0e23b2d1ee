export { createReceiver, type Delivery, type Receiver, type ReceiverOptions } from './receiver.ts';
