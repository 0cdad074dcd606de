import { Worker } from 'node:worker_threads';

/**
 * Work that may take long or never end, on threads of its own, so that nothing else waits for it. A job that outlives its time or its
 * memory ends with its thread. What does not fit waits: not long, not very much of it, and the keys take turns, so that whoever floods
 * one of them delays no other. Nor does a flood take the places: once all are taken, whoever waits for much gives way to who waits for
 * little.
 */
export interface PoolLimits {
  readonly threads: number;
  readonly waiting: number;
  readonly waitingPerKey: number;
  readonly waitMs: number;
  readonly runMs: number;
  readonly memoryMb: number;
}

/** There is more to do than can be done; nothing of the job was. */
export class PoolBusy extends Error {}

/** The job took more than it may. */
export class JobOutgrown extends Error {
  constructor(readonly what: 'time' | 'memory') {
    super(`A job used up its ${what}`);
  }
}

/** What a thread says: once `ready` when it can work, and then, for every job, what came of it. */
export type ThreadMessage<Answer> = 'ready' | { readonly answer: Answer } | { readonly error: string };

interface Job<Answer> {
  readonly key: string;
  readonly input: unknown;
  resolve(answer: Answer): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout | undefined;
}

interface Thread<Answer> {
  readonly worker: Worker;
  /** One that is ending may still say something; it gets nothing more to do. */
  state: 'starting' | 'ready' | 'ending';
  job: Job<Answer> | undefined;
  fault: Error | undefined;
}

export class WorkerPool<Input, Answer> {
  private readonly threads = new Set<Thread<Answer>>();
  private readonly queues = new Map<string, Job<Answer>[]>();
  private waiting = 0;
  private closed = false;

  constructor(
    private readonly entry: URL,
    private readonly limits: PoolLimits,
  ) {}

  /** What comes of the job. Throws PoolBusy, JobOutgrown, and what went wrong in the thread. */
  run(key: string, input: Input): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { waitingPerKey, waitMs } = this.limits;
      const queue = this.queues.get(key) ?? [];
      if (this.closed || queue.length >= waitingPerKey || !this.hasRoomAfter(queue.length))
        return reject(new PoolBusy());
      const job: Job<Answer> = { key, input, resolve, reject, timer: undefined };
      job.timer = setTimeout(() => this.giveUp(job), waitMs);
      this.queues.set(key, queue);
      queue.push(job);
      this.waiting++;
      this.work();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const job of [...this.queues.values()].flat()) this.giveUp(job);
    await Promise.all([...this.threads].map(({ worker }) => worker.terminate()));
  }

  /** Is there a place for one more of a key that has so many, be it that of the latest of the key that has the most? */
  private hasRoomAfter(own: number): boolean {
    if (this.waiting < this.limits.waiting) return true;
    const longest = [...this.queues.values()].reduce((most, queue) => (queue.length > most.length ? queue : most));
    // The two would only change places.
    if (longest.length <= own + 1) return false;
    this.giveUp(longest.at(-1)!);
    return true;
  }

  private work(): void {
    for (const thread of this.threads) {
      if (this.waiting === 0) return;
      if (thread.state === 'ready' && !thread.job) this.begin(thread, this.next()!);
    }
    const starting = [...this.threads].filter(({ state }) => state === 'starting').length;
    if (this.waiting > starting && this.threads.size < this.limits.threads) this.start();
  }

  private start(): void {
    const worker = new Worker(this.entry, {
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.limits.memoryMb },
    });
    worker.unref();
    const thread: Thread<Answer> = { worker, state: 'starting', job: undefined, fault: undefined };
    this.threads.add(thread);
    worker.on('message', (message: ThreadMessage<Answer>) => this.hear(thread, message));
    worker.on('error', (error: Error & { code?: string }) => {
      thread.fault ??= error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? new JobOutgrown('memory') : error;
      if (thread.state === 'ready') thread.state = 'ending';
    });
    worker.on('exit', () => this.bury(thread));
  }

  private hear(thread: Thread<Answer>, message: ThreadMessage<Answer>): void {
    if (message === 'ready') thread.state = 'ready';
    else {
      const { job } = thread;
      thread.job = undefined;
      clearTimeout(job?.timer);
      if ('answer' in message) job?.resolve(message.answer);
      else job?.reject(new Error(message.error));
    }
    this.work();
  }

  private begin(thread: Thread<Answer>, job: Job<Answer>): void {
    clearTimeout(job.timer);
    thread.job = job;
    job.timer = setTimeout(() => {
      thread.fault = new JobOutgrown('time');
      thread.state = 'ending';
      void thread.worker.terminate();
    }, this.limits.runMs);
    thread.worker.postMessage(job.input);
  }

  /** The job of a thread that ended ends with it; one that never began to work cannot be replaced by another of its kind. */
  private bury(thread: Thread<Answer>): void {
    this.threads.delete(thread);
    const fault = thread.fault ?? new Error('A thread ended');
    clearTimeout(thread.job?.timer);
    thread.job?.reject(fault);
    if (thread.state === 'starting' && !this.closed)
      for (const job of [...this.queues.values()].flat()) this.take(job).reject(fault);
    if (!this.closed) this.work();
  }

  private giveUp(job: Job<Answer>): void {
    this.take(job).reject(new PoolBusy());
  }

  /** The longest waiting job of the key whose turn it is. */
  private next(): Job<Answer> | undefined {
    const [turn] = this.queues;
    if (!turn) return undefined;
    const [key, queue] = turn;
    const job = this.take(queue[0]!);
    if (queue.length > 0) {
      this.queues.delete(key);
      this.queues.set(key, queue);
    }
    return job;
  }

  private take(job: Job<Answer>): Job<Answer> {
    const queue = this.queues.get(job.key)!;
    queue.splice(queue.indexOf(job), 1);
    if (queue.length === 0) this.queues.delete(job.key);
    this.waiting--;
    clearTimeout(job.timer);
    return job;
  }
}
