import { waitFor } from '@waybill/testbed';
import type { EventMessage, HandlerContext, Outcome } from '../index.ts';

/** Records the calls of a handler, in order, and returns the outcomes of the test. */
export class Recorder {
  readonly messages: EventMessage<unknown>[] = [];
  readonly contexts: HandlerContext[] = [];
  readonly #answer: (message: EventMessage<unknown>, context: HandlerContext) => Outcome | Promise<Outcome>;

  constructor(
    answer: (message: EventMessage<unknown>, context: HandlerContext) => Outcome | Promise<Outcome>,
  ) {
    this.#answer = answer;
  }

  readonly handler = async (message: EventMessage<unknown>, context: HandlerContext): Promise<Outcome> => {
    this.messages.push(message);
    this.contexts.push(context);
    return this.#answer(message, context);
  };

  keys(): readonly string[] {
    return this.messages.map(({ key }) => key);
  }

  offsets(): readonly bigint[] {
    return this.messages.map(({ offset }) => offset);
  }

  async sees(count: number, limitMs = 15_000): Promise<void> {
    const what = `${count} calls of the handler (there were ${this.messages.length})`;
    await waitFor(() => this.messages.length >= count, { limitMs, what });
  }
}
