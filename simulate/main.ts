import { CommanderError } from 'commander';
import { buildProgram } from './program.js';
import { simulate } from './simulate.js';

/** `npm run simulate -- CLIENT ...`: see docs/simulate.md. */

const result = { equal: false };
const program = buildProgram(
  {
    simulate,
    print: (text) => console.log(text),
    progress: (text) => console.error(text),
  },
  result,
).exitOverride();
try {
  await program.parseAsync();
  process.exitCode = result.equal ? 0 : 1;
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
