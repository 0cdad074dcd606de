import { setTimeout as sleep } from 'node:timers/promises';
import { Repeating } from '../../src/platform/repeating.js';

describe('repeated work', () => {
  it('is never done twice at once, is tried again after a failure, and is over when it was stopped', async () => {
    let [started, under, most] = [0, 0, 0];
    const told: unknown[] = [];
    const failure = new Error('no');
    const work = async () => {
      started++;
      most = Math.max(most, ++under);
      await sleep(15);
      under--;
      if (started === 1) throw failure;
    };
    const repeating = new Repeating(2, work, (error) => told.push(error));
    repeating.start();
    while (started < 3) await sleep(2);
    await repeating.stop();
    expect({ under, most, told }).toEqual({ under: 0, most: 1, told: [failure] });
    const before = started;
    await sleep(20);
    expect(started).toBe(before);
  });

  it('can be stopped without having begun', async () => {
    await new Repeating(1, () => Promise.resolve(), fail).stop();
  });
});

function fail(): never {
  throw new Error('Nothing was to be done');
}
