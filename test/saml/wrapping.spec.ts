import { MATRIX, wrap } from './fixtures/wrappings.js';
import { Judge } from './judge.js';

let judge: Judge;
beforeAll(async () => {
  judge = await Judge.make();
}, 120_000);

describe('signature wrapping', () => {
  it.each(MATRIX)('#2 $name, $signs signed, new ID $newId', async ({ name, signs, newId }) => {
    const wrapped = wrap(judge.response({ signs }), name, newId);
    expect(wrapped).toContain('eve@example.com');
    const verdict = await judge.judge(wrapped);
    expect(typeof verdict).toBe('string');
  });
});
