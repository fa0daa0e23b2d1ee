import { batchId, openRows } from '@waybill/batch-payload';
import { jobId } from '@waybill/domain';
import { causeOf, ExportError, jobFailure } from '@waybill/errors';
import { deadLetter, retry, rewind, type Outcome } from '@waybill/kafka';
import type { RenderDeps } from '../deps.ts';
import { decideClaim, type RenderJob } from '../job/job.ts';
import type { Closed } from '../job/job-store.ts';
import { progressMessage, type Ending, type Subject } from '../job/messages.ts';
import {
  closeJob,
  closeWithoutFile,
  failed,
  isStillOpen,
  repeatEnding,
  reportBatchesLost,
  unsuccessfulEnd,
} from './close-job.ts';
import { completeJob } from './complete-job.ts';
import { actionOn } from './failure-policy.ts';
import { isIdle, isQuiet, isStalled, type IdleLimits } from './idle-policy.ts';
import { openJob, subjectOf } from './open-job.ts';
import {
  PartitionState,
  type BatchMessage,
  type BatchTopic,
  type EvictedJob,
  type OpenJob,
} from './partition-state.ts';
import { nextStep } from './stream.ts';

/**
 * One partition of a batch topic and the jobs on it. A job is *opened* at its plan, its batches are *applied* to its
 * file, and it is *closed* once, in MongoDB. Between messages it may be *evicted*: its file is abandoned, its offsets
 * stay uncommitted, and it is opened again when the partition is read again from its plan.
 *
 * Callers run every method in `exclusive`, so that messages, timers and rebalances never meet in the middle of a file.
 */
export class Partition {
  readonly state: PartitionState;
  readonly #deps: RenderDeps;
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  constructor(topic: BatchTopic, partition: number, deps: RenderDeps) {
    this.state = new PartitionState(topic, partition, deps.now().getTime());
    this.#deps = deps;
  }

  /** Runs one piece of work at a time, in the order of the calls. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    const run = this.#last.then(work, work).finally(() => {
      this.#pending -= 1;
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  /** Returns whether work is running or waits for its turn. */
  isBusy(): boolean {
    return this.#pending > 0;
  }

  /** Records that the partition has unread messages: no job on it has stalled. */
  markBehind(): void {
    this.state.lastBehindAt = this.#nowMs();
  }

  /** Applies one message to its job. Returns undefined if that is done; never throws. */
  async apply(message: BatchMessage): Promise<Outcome | undefined> {
    try {
      return await this.#applyToJob(message);
    } catch (error) {
      return this.#handleFault(message, causeOf(error));
    }
  }

  /**
   * Fails a job without looking at its stream.
   * @throws ExportError SERVICE_UNAVAILABLE, also if another process has claimed the job meanwhile; a repeated call claims
   * it again.
   */
  async fail(subject: Subject, offset: bigint, cause: ExportError): Promise<void> {
    const open = this.state.open.get(subject.jobId);
    const lost = await (open?.subject.attempt === subject.attempt
      ? this.#end(open, failed(cause))
      : this.#endUnopened(subject, offset, failed(cause)));
    if (lost === undefined) return;
    throw new ExportError('SERVICE_UNAVAILABLE', { cause: new Error('another process has claimed the job') });
  }

  /** Asks for the batches of stalled jobs again, and ends cancelled jobs that get no batches. */
  async endIdle(limits: IdleLimits): Promise<void> {
    const { open: openJobs, evicted } = this.state;
    if (this.state.isBehind()) this.markBehind();
    for (const open of [...openJobs.values()]) {
      if (this.#isStalled(open, limits)) {
        await this.#askAgain(open.subject);
      } else if (isQuiet(open, this.#nowMs()) && (await this.#isCancelled(open))) {
        await this.#end(open, { state: 'cancelled' });
      }
    }
    for (const job of [...evicted.values()]) {
      if (this.#isStalled(job, limits)) {
        await this.#askAgain(job.subject);
      }
    }
  }

  /** Abandons the file of an idle job to free its memory. Does nothing if a batch has arrived meanwhile. */
  async evictIdle(open: OpenJob, limits: IdleLimits): Promise<void> {
    const isCurrent = this.state.open.get(open.subject.jobId) === open;
    if (!isCurrent || !isIdle(open, this.#nowMs(), limits)) return;
    await this.#evict(open);
    this.#deps.metrics.evictions.inc();
  }

  /**
   * Compares the jobs in memory with MongoDB after a rebalance gave the partition back. Keeps files whose claim is still
   * the newest. Returns where to resume reading; undefined if nothing is open, so that the committed offset decides.
   */
  async checkClaims(): Promise<bigint | undefined> {
    const { state } = this;
    for (const open of [...state.open.values()]) {
      const { claim, subject } = open;
      const stored = await this.#deps.store.find(claim._id);
      const isOpen = stored?.state === 'open' && stored.attempt === claim.attempt;
      if (isOpen && stored.epoch === claim.epoch) continue;
      await open.file.abandon();
      if (isOpen) state.evict(open);
      else state.markEnded(claim._id, subject.attempt);
    }
    for (const { subject } of [...state.evicted.values()]) {
      const stored = await this.#deps.store.find(subject.jobId);
      if (stored?.state === 'open' && stored.attempt === subject.attempt) continue;
      state.markEnded(subject.jobId, subject.attempt);
    }
    const offset = state.resumeOffset();
    if (offset !== undefined) state.next = offset;
    return offset;
  }

  /** Abandons every file. The process that gets the partition starts them again. */
  async abandonAll(): Promise<void> {
    const { open, evicted } = this.state;
    await Promise.all([...open.values()].map(({ file }) => file.abandon()));
    open.clear();
    evicted.clear();
  }

  // Applying a message

  async #applyToJob(message: BatchMessage): Promise<Outcome | undefined> {
    const { event } = message;
    const id = jobId(event.job_id);
    if (this.#nowMs() - message.at > this.#deps.recordTtlMs) return undefined;
    if (event.repeated && (await repeatEnding(subjectOf(message), this.#deps))) return undefined;
    if (this.state.hasEnded(id, event.attempt)) return undefined;
    if (this.state.isLost(id, event) && !event.repeated) return undefined;
    const open = this.state.open.get(id);
    if (open !== undefined) {
      const { attempt, stream } = open.subject;
      if (attempt === event.attempt && stream === event.stream) return this.#continueJob(open, message);
      if (attempt > event.attempt || (attempt === event.attempt && stream > event.stream)) return undefined;
      if (attempt === event.attempt) {
        await this.#evict(open);
      } else {
        // A newer attempt exists, so another process has ended this one.
        await open.file.abandon();
        this.state.markEnded(id, attempt);
      }
    }
    return event.kind === 'plan' ? this.#startJob(message) : this.#joinJob(message);
  }

  async #startJob(message: BatchMessage): Promise<Outcome | undefined> {
    const id = jobId(message.event.job_id);
    const rewound = this.#rewindToPlan(await this.#deps.store.find(id), message);
    if (rewound !== undefined) return rewound;
    const open = await openJob(message, this.#deps);
    if (open === 'superseded') {
      // The file of this stream was abandoned, and its offsets need not be kept.
      const isEvicted = this.state.evicted.get(id)?.subject.stream === message.event.stream;
      if (isEvicted) this.state.markLost(subjectOf(message));
      return undefined;
    }
    if (open === 'ignore') {
      this.state.markEnded(id, message.event.attempt);
      return undefined;
    }
    this.state.add(open);
    this.#sendProgress(open, 'rendering');
    return undefined;
  }

  /**
   * Returns the rewind to the plan of a job that has no file here, if the plan came before this message: the job was
   * evicted, its process is gone, or the message is a second plan of a resolver that was replaced. Returns undefined if
   * that plan has been read again since.
   */
  #rewindToPlan(stored: RenderJob | undefined, { event, offset }: BatchMessage): Outcome | undefined {
    const { rewound } = this.state;
    const isSame = stored?.attempt === event.attempt && stored.stream === event.stream;
    if (stored?.state !== 'open' || !isSame) return undefined;
    if (rewound.has(stored._id)) return undefined;
    if (this.state.isLost(stored._id, event)) return undefined;
    const first = this.state.offsetHere(stored.first);
    if (first === undefined || first >= offset) return undefined;
    rewound.add(stored._id);
    this.#deps.metrics.rewinds.inc({ reason: 'unopened' });
    return rewind(first);
  }

  /** Applies a batch or an end whose job has no file here. */
  async #joinJob(message: BatchMessage): Promise<Outcome | undefined> {
    const { state } = this;
    const { event, offset } = message;
    const subject = subjectOf(message);
    const ending = unsuccessfulEnd(message);
    if (ending !== undefined) return this.#endUnopened(subject, offset, ending);
    const stored = await this.#deps.store.find(subject.jobId);
    const decision = decideClaim(stored, event);
    if (decision.kind === 'superseded') return undefined;
    if (decision.kind === 'ignore') {
      state.markEnded(subject.jobId, event.attempt);
      return undefined;
    }
    const rewound = this.#rewindToPlan(stored, message);
    if (rewound !== undefined) return rewound;
    return this.#loseStream(subject, offset);
  }

  async #continueJob(open: OpenJob, message: BatchMessage): Promise<Outcome | undefined> {
    const deps = this.#deps;
    const step = nextStep(open.stream, message.event);
    if (step.kind === 'repeat') return undefined;
    open.lastMessageAt = this.#nowMs();
    if (await this.#isCancelled(open)) return this.#end(open, { state: 'cancelled' });
    switch (step.kind) {
      case 'write':
        await this.#writeRows(open, message);
        open.stream = step.after;
        this.#sendProgress(open, 'rendering');
        deps.reached('batch written');
        return undefined;
      case 'finish':
        this.#sendProgress(open, 'uploading');
        return this.#settle(open, await completeJob(open, deps));
      case 'abort':
        return this.#end(open, unsuccessfulEnd(message) ?? failed(new ExportError('EXPORT_FAILED')));
      case 'gap':
        return this.#fillGap(open, message.offset);
    }
  }

  async #writeRows(open: OpenJob, { event }: BatchMessage): Promise<void> {
    if (event.payload === null) throw new ExportError('EXPORT_BATCH_UNREADABLE');
    const rows = await openRows(this.#deps.opener, event.payload, batchId(event, event.number));
    if (rows.length !== event.rows) throw new ExportError('EXPORT_BATCH_UNREADABLE');
    await open.file.write(rows);
    this.#deps.metrics.rows.inc(rows.length);
  }

  /** Reads the job again once, since the missing message may have been skipped; loses the stream at the next gap. */
  async #fillGap(open: OpenJob, offset: bigint): Promise<Outcome | undefined> {
    if (open.gapRetried) return this.#loseStream(open.subject, offset);
    open.gapRetried = true;
    this.#deps.metrics.rewinds.inc({ reason: 'gap' });
    return rewind(open.first);
  }

  /** Asks for the batches of a job again because some cannot be read; fails the job if they were produced again before. */
  async #loseStream(subject: Subject, offset: bigint): Promise<Outcome | undefined> {
    if (subject.stream === 0) return this.#askAgain(subject);
    const ending = failed(new ExportError('EXPORT_BATCH_UNREADABLE'));
    const open = this.state.open.get(subject.jobId);
    return open === undefined ? this.#endUnopened(subject, offset, ending) : this.#end(open, ending);
  }

  /**
   * Asks for the batches of a job again, unless another process has ended it or reads a newer stream, and removes it from
   * memory. Best effort: intake repeats the request of a job that does not end, and the repeated end leads here again.
   */
  async #askAgain(subject: Subject): Promise<undefined> {
    const stored = await this.#deps.store.find(subject.jobId);
    await this.state.open.get(subject.jobId)?.file.abandon();
    this.state.markLost(subject);
    const { kind } = decideClaim(stored, subject);
    if (kind !== 'ignore' && kind !== 'superseded') reportBatchesLost(subject, this.#deps);
  }

  // Ending a job

  #isCancelled({ subject }: OpenJob): Promise<boolean> {
    return this.#deps.cancel.isRaised(subject.jobId, subject.attempt);
  }

  /** Ends an open job other than by success. */
  async #end(open: OpenJob, ending: Ending): Promise<Outcome | undefined> {
    return this.#settle(open, await closeWithoutFile(open, ending, this.#deps));
  }

  /**
   * Ends a job that has no file here. Claims it first, so that a process that has its file cannot close it. Returns the
   * rewind that reads the message at `offset` again if another process has claimed the job meanwhile.
   */
  async #endUnopened(subject: Subject, offset: bigint, ending: Ending): Promise<Outcome | undefined> {
    const { topic, partition } = this.state;
    const claimed = await this.#deps.store.claim(subject, { topic, partition, offset }, this.#deps.now());
    if (claimed.kind === 'superseded') return;
    if (claimed.kind === 'claimed') {
      const { claim, spec } = claimed;
      const work = { claim, subject: { ...subject, spec: subject.spec ?? spec } };
      const closed = await closeJob(work, ending, this.#deps);
      if (isStillOpen(closed, subject.attempt)) return rewind(offset);
    }
    this.state.markEnded(subject.jobId, subject.attempt);
    return undefined;
  }

  /**
   * Removes a job from memory after closing it. If another claim is newer and the job is still open, evicts it and
   * returns the rewind that reads it again.
   */
  #settle(open: OpenJob, closed: Closed): Outcome | undefined {
    const { jobId: id, attempt } = open.subject;
    if (isStillOpen(closed, attempt)) {
      this.state.evict(open);
      return rewind(open.first);
    }
    this.state.markEnded(id, attempt);
    return undefined;
  }

  async #evict(open: OpenJob): Promise<void> {
    await open.file.abandon();
    this.state.evict(open);
  }

  // Faults

  async #handleFault(message: BatchMessage, cause: ExportError): Promise<Outcome | undefined> {
    const action = actionOn(cause);
    if (action === 'dead-letter') return deadLetter(cause);
    try {
      if (action === 'wait' && !this.#isOverdue(message)) return await this.#readAgain(message, cause);
      this.#deps.logger.error({ error: cause, job_id: message.event.job_id }, 'job failed by a fault');
      return await this.#failJobOf(message, jobFailure(cause));
    } catch (error) {
      return this.#readAgain(message, causeOf(error));
    }
  }

  /** Waits, then reads the job of a message again from its plan if a part of the message may be in its file. */
  async #readAgain({ event }: BatchMessage, cause: ExportError): Promise<Outcome> {
    const open = this.state.open.get(jobId(event.job_id));
    if (open === undefined) return retry(cause);
    await this.#evict(open);
    this.#deps.metrics.restarts.inc();
    return rewind(open.first, cause);
  }

  /** Returns whether the job of a message has waited too long for servers that are away. */
  #isOverdue({ event, at }: BatchMessage): boolean {
    const startedAt = this.state.open.get(jobId(event.job_id))?.startedAt ?? at;
    return this.#nowMs() - startedAt >= this.#deps.deadlineMs;
  }

  async #failJobOf(message: BatchMessage, cause: ExportError): Promise<Outcome | undefined> {
    const id = jobId(message.event.job_id);
    const open = this.state.open.get(id);
    if (open !== undefined) return this.#end(open, failed(cause));
    const subject = this.state.evicted.get(id)?.subject ?? subjectOf(message);
    return this.#endUnopened(subject, message.offset, failed(cause));
  }

  /** Sends how far a job is, at most once per interval. Best effort: a lost message is followed by the next. */
  #sendProgress(open: OpenJob, phase: 'rendering' | 'uploading'): void {
    const { producer, progressEveryMs, logger } = this.#deps;
    const at = this.#nowMs();
    if (phase === 'rendering' && at - open.lastProgressAt < progressEveryMs) return;
    open.lastProgressAt = at;
    const { position, skipped, total } = open.stream;
    const facts = { phase, written: position - skipped, skipped, total, bytes: open.file.bytes() };
    producer.send('export.progress', progressMessage(open.subject, facts, at)).catch((error: unknown) => {
      logger.debug({ error, job_id: open.subject.jobId }, 'progress not sent');
    });
  }

  #isStalled({ lastMessageAt }: EvictedJob, limits: IdleLimits): boolean {
    const { lastBehindAt } = this.state;
    return isStalled({ lastMessageAt, lastBehindAt }, this.#nowMs(), limits);
  }

  #nowMs(): number {
    return this.#deps.now().getTime();
  }
}
