import { readFileSync } from 'node:fs';

const OWN = `/proc/self/task/${process.pid}/schedstat`;

/**
 * The longest that the event loop was kept from other work, in milliseconds, while `work` was done. On Linux it is the processor time
 * of the main thread and not the time of the clock, so that it says the same however busy the machine is.
 */
export async function longestBlock(work: () => Promise<unknown>): Promise<number> {
  let last = spent();
  let longest = 0;
  let over = false;
  const look = () => {
    const now = spent();
    longest = Math.max(longest, now - last);
    last = now;
    if (!over) setTimeout(look, 1);
  };
  look();
  try {
    await work();
  } finally {
    over = true;
    look();
  }
  return longest;
}

function spent(): number {
  try {
    return Number(readFileSync(OWN, 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}
