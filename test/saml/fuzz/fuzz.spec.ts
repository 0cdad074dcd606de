import type { ValidAssertion } from '../../../src/saml/protocol/validate-assertion.js';
import { encode } from '../../support/test-idp.js';
import { SAML_REASONS } from '../../../src/saml/protocol/saml-rejection.js';
import { Judge } from '../judge.js';
import { diceOf, mutantOf, type Dice } from './mutator.js';

/**
 * Mutants of answers that were signed: whoever is let in is the one whom the assertion named when it was signed, and all that is read of
 * it is what was signed. 5,000 with a fixed seed here; `npm run fuzz -- saml` takes as many as one likes and prints its seed.
 */
const SEED = Number(process.env['FUZZ_SEED'] ?? 2005);
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 5000);
const AT_ONCE = 8;

let judge: Judge;
/** Good answers, and what is read of the assertion of each ID. */
const corpus: string[] = [];
const signed = new Map<string, string>();

const whatIsRead = ({ nameId, attributes, sessionIndex }: ValidAssertion): string =>
  JSON.stringify([nameId, [...attributes.values()], sessionIndex]);

beforeAll(async () => {
  judge = await Judge.make();
  for (const signs of ['assertion', 'response', 'both'] as const) {
    for (const name of ['ada', 'bob']) {
      const nameId = `${name}@example.com`;
      const attributes = { email: [nameId], groups: ['Staff', name] };
      const xml = judge.response({ signs, nameId, attributes, sessionIndex: `_of-${name}` });
      const accepted = await judge.judge(xml);
      if (typeof accepted === 'string') throw new Error(accepted);
      corpus.push(xml);
      signed.set(accepted.id, whatIsRead(accepted));
    }
  }
  // What somebody else signed may be put into a good answer, and is worth nothing there.
  const eve = await Judge.make();
  corpus.push(eve.response({ signs: 'both', nameId: 'eve@example.com' }));
}, 120_000);

/** Otherwise written, or broken, as base64. */
function toField(xml: string, dice: Dice): string {
  const field = encode(xml);
  const at = dice(field.length);
  switch (dice(12)) {
    case 0:
      return field.replace(/.{76}/g, '$&\r\n');
    case 1:
      return field.slice(0, at) + '=*-_ \0é'[dice(7)]! + field.slice(at);
    case 2:
      return field.slice(0, at);
    default:
      return field;
  }
}

async function survives(seed: number): Promise<'accepted' | 'refused'> {
  const dice = diceOf(seed);
  const xml = corpus[dice(corpus.length - 1)]!;
  const other = corpus[dice(corpus.length)]!;
  const mutant = mutantOf(xml, other, dice);
  const verdict = await judge.judgeField(toField(mutant, dice)).catch((error: unknown) => {
    throw new Error(`Mutant ${seed} broke something:\n${mutant}`, { cause: error });
  });
  if (typeof verdict === 'string') {
    if (!(SAML_REASONS as readonly string[]).includes(verdict)) throw new Error(`Mutant ${seed}: ${verdict}`);
    return 'refused';
  }
  if (signed.get(verdict.id) !== whatIsRead(verdict)) {
    throw new Error(`Mutant ${seed} is read as ${whatIsRead(verdict)}:\n${mutant}`);
  }
  return 'accepted';
}

it(
  `${RUNS} mutants of good answers never name anybody but whom the IdP named, and break nothing`,
  async () => {
    const count = { accepted: 0, refused: 0 };
    let next = 0;
    let slowest = 0;
    const work = async () => {
      while (next < RUNS) {
        const seed = SEED + next++;
        const started = performance.now();
        count[await survives(seed)]++;
        slowest = Math.max(slowest, performance.now() - started);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (process.env['FUZZ_RUNS']) console.log(count, `slowest ${Math.round(slowest)} ms`);
    // Both happen, so that neither is all there is.
    expect(count.accepted).toBeGreaterThan(RUNS / 200);
    expect(count.refused).toBeGreaterThan(RUNS / 2);
    // Two seconds and what it takes to begin again; the machine may have other things to do.
    expect(slowest).toBeLessThan(20_000);
  },
  24 * 3_600_000,
);
