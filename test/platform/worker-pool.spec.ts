import { JobOutgrown, PoolBusy, WorkerPool, type PoolLimits } from '../../src/platform/worker-pool.js';

/** A thread that does what the job says. */
const OBEDIENT = `
  import { parentPort } from 'node:worker_threads';
  parentPort.on('message', ({ does, value }) => {
    if (does === 'spin') for (;;);
    if (does === 'hoard') for (const all = []; ; ) all.push(new Array(1e6).fill(value));
    if (does === 'die') process.exit(3);
    if (does === 'throw') throw new Error(value);
    if (does === 'fail') return parentPort.postMessage({ error: value });
    setTimeout(() => parentPort.postMessage({ answer: value }), does === 'wait' ? 150 : 0);
  });
  parentPort.postMessage('ready');
`;
const entryOf = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

interface Job {
  readonly does: 'answer' | 'wait' | 'spin' | 'hoard' | 'die' | 'throw' | 'fail';
  readonly value?: string;
}

const pools: { close(): Promise<void> }[] = [];
function makePool(limits: Partial<PoolLimits> = {}, code = OBEDIENT): WorkerPool<Job, string> {
  const roomy = { threads: 1, waiting: 100, waitingPerKey: 100, waitMs: 60_000, runMs: 30_000, memoryMb: 64 };
  const pool = new WorkerPool<Job, string>(entryOf(code), { ...roomy, ...limits });
  pools.push(pool);
  return pool;
}
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.close())));

describe('work on threads of its own', () => {
  it('is done, by one thread after the other and by several at once', async () => {
    for (const threads of [1, 3]) {
      const pool = makePool({ threads });
      const values = Array.from({ length: 20 }, (_, index) => `${index}`);
      expect(await Promise.all(values.map((value) => pool.run('a', { does: 'answer', value })))).toEqual(values);
    }
  });

  it('that takes too long ends with its thread; the next is done by another', async () => {
    const pool = makePool({ runMs: 300 });
    const endless = pool.run('a', { does: 'spin' });
    const next = pool.run('a', { does: 'answer', value: 'x' });
    await expect(endless).rejects.toEqual(new JobOutgrown('time'));
    expect(await next).toBe('x');
  });

  it('that is done when its thread is being ended counts; the next is done by another thread', async () => {
    const pool = makePool({ runMs: 400 });
    await pool.run('a', { does: 'answer', value: 'x' });
    // Out of what the thread has said: timers come first then, as they do on a busy server.
    await new Promise((resolve) => setImmediate(resolve));
    const late = pool.run('a', { does: 'wait', value: 'late' });
    const next = pool.run('a', { does: 'answer', value: 'next' });
    for (const until = performance.now() + 1000; performance.now() < until;);
    expect(await Promise.all([late, next])).toEqual(['late', 'next']);
  });

  it('that takes too much memory ends with its thread', async () => {
    const pool = makePool({ memoryMb: 32 });
    await expect(pool.run('a', { does: 'hoard' })).rejects.toEqual(new JobOutgrown('memory'));
    expect(await pool.run('a', { does: 'answer', value: 'x' })).toBe('x');
  });

  it.each([
    ['die', 'A thread ended'],
    ['throw', 'why'],
    ['fail', 'why'],
  ] as const)('that goes wrong (%s) tells, and is no end of the rest', async (does, message) => {
    const pool = makePool();
    const wrong = pool.run('a', { does, value: 'why' });
    const next = pool.run('a', { does: 'answer', value: 'x' });
    await expect(wrong).rejects.toThrow(message);
    expect(await next).toBe('x');
  });

  it('that no thread can do is refused with the reason, and not tried forever', async () => {
    const pool = makePool({}, `throw new Error('no such file')`);
    const jobs = [1, 2].map(() => pool.run('a', { does: 'answer' }));
    for (const { status, reason } of (await Promise.allSettled(jobs)) as PromiseRejectedResult[])
      expect([status, (reason as Error).message]).toEqual(['rejected', 'no such file']);
  });

  it('waits only so much, in all and of one key', async () => {
    const pool = makePool({ waiting: 3, waitingPerKey: 2 });
    const jobs = ['a', 'a', 'a', 'b', 'b'].map((key) => pool.run(key, { does: 'answer', value: key }));
    const outcomes = await Promise.allSettled(jobs);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(PoolBusy);
  });

  it('that takes all places gives one to who waits for less', async () => {
    const pool = makePool({ waiting: 5, waitingPerKey: 3 });
    const keys = ['a', 'a', 'a', 'b', 'b', 'c', 'd', 'b'];
    const outcomes = await Promise.allSettled(keys.map((key) => pool.run(key, { does: 'answer', value: key })));
    const done = outcomes.map((outcome) =>
      outcome.status === 'fulfilled' ? outcome.value : (outcome.reason as Error).constructor,
    );
    // The latest of a make place for c and d; then nobody waits for more than b.
    expect(done).toEqual(['a', PoolBusy, PoolBusy, 'b', 'b', 'c', 'd', PoolBusy]);
  });

  it('waits only so long', async () => {
    const pool = makePool({ waitMs: 400, runMs: 2000 });
    // The first begins before the others have waited; how long a thread takes to start is not ours to say.
    await pool.run('a', { does: 'answer', value: 'x' });
    const spinning = pool.run('a', { does: 'spin' });
    await expect(pool.run('a', { does: 'answer' })).rejects.toBeInstanceOf(PoolBusy);
    await expect(spinning).rejects.toBeInstanceOf(JobOutgrown);
  }, 30_000);

  it('of different keys takes turns', async () => {
    const pool = makePool();
    const done: string[] = [];
    const keys = ['a', 'a', 'a', 'a', 'b', 'c', 'b'];
    await Promise.all(keys.map((key) => pool.run(key, { does: 'wait', value: key }).then((value) => done.push(value))));
    expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'a', 'a']);
  });

  it('ends with its pool', async () => {
    const pool = makePool();
    await pool.run('a', { does: 'answer', value: 'x' });
    const running = pool.run('a', { does: 'spin' });
    const waiting = pool.run('a', { does: 'answer' });
    const outcomes = Promise.allSettled([running, waiting]);
    await pool.close();
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(pool.run('a', { does: 'answer' })).rejects.toBeInstanceOf(PoolBusy);
  });
});
