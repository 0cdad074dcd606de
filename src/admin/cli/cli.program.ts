import { Command, Option } from 'commander';
import { fieldsOf, type Field } from '../field.decorators.js';
import { PARAMETER_DOCS, parametersOf, type Operation } from '../operation.js';
import { OPERATIONS } from '../operations.table.js';

/** A request to the admin API, made of a command line. */
export interface CliRequest {
  readonly method: Operation['method'];
  /** With the query. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface ProgramActions {
  /** Sends the request and prints the answer. */
  run(request: CliRequest, options: { readonly json: boolean }): Promise<void>;
  /** The text of a file an option names. */
  readFile(path: string): string;
}

type Values = Readonly<Record<string, unknown>>;

/** One command for each line of the operations table: `<noun> <verb> <parameters...> --field value`. */
export function buildProgram(actions: ProgramActions): Command {
  const program = new Command('rollcall')
    .description('Everything an operator can do, over the admin API.')
    .option('--json', 'print the answer as JSON', false)
    .configureHelp({ sortSubcommands: true })
    .showHelpAfterError('(add --help for what the command takes)');
  const nouns = new Map<string, Command>();
  for (const line of OPERATIONS as readonly Operation[]) {
    const [noun, verb] = line.name.split(' ') as [string, string];
    const parent = nouns.get(noun) ?? program.command(noun).description(`See: ${noun} --help`);
    nouns.set(noun, parent);
    addOperation(parent.command(verb).description(line.summary), line, program, actions);
  }
  return program;
}

function addOperation(command: Command, line: Operation, program: Command, actions: ProgramActions): void {
  const parameters = parametersOf(line.path);
  for (const parameter of parameters) command.argument(`<${parameter}>`, PARAMETER_DOCS[parameter] ?? '');
  const fields = [...fieldsOfClass(line.query), ...fieldsOfClass(line.body)];
  for (const field of fields) for (const option of optionsOf(field)) command.addOption(option);
  command.action(async (...values: unknown[]) => {
    const given = command.opts<Values>();
    const request = toRequest(line, values.slice(0, parameters.length) as string[], given, actions);
    await actions.run(request, { json: program.opts<{ json: boolean }>().json });
  });
}

const fieldsOfClass = (fields: Operation['body']): readonly Field[] => (fields ? fieldsOf(fields) : []);

function optionsOf(field: Field): Option[] {
  const flag = dashed(field.name);
  const doc = field.nullable ? `${field.doc} ("null" clears it)` : field.doc;
  switch (field.kind) {
    case 'flag':
      return [new Option(`--${flag}`, doc), new Option(`--no-${flag}`, `not: ${doc}`).default(undefined)];
    case 'texts':
      return [required(new Option(`--${flag} <value...>`, doc), field)];
    case 'nested':
    case 'nested-list':
      return [required(new Option(`--${flag} <json>`, `${doc} (JSON)`), field)];
    case 'document':
      return [required(new Option(`--${flag} <file>`, `${doc} (a file)`), field)];
    default: {
      const option = required(new Option(`--${flag} <value>`, doc), field);
      return [field.choices ? option.choices([...field.choices, ...(field.nullable ? ['null'] : [])]) : option];
    }
  }
}

const required = (option: Option, field: Field): Option => option.makeOptionMandatory(field.required);

function toRequest(line: Operation, parameters: readonly string[], given: Values, actions: ProgramActions): CliRequest {
  const names = parametersOf(line.path);
  const path = names.reduce(
    (text, name, index) => text.replace(`:${name}`, encodeURIComponent(parameters[index]!)),
    line.path,
  );
  const query = new URLSearchParams();
  for (const field of fieldsOfClass(line.query)) {
    const value = given[field.name];
    if (typeof value === 'string' || typeof value === 'boolean') query.set(field.name, String(value));
  }
  const body: Record<string, unknown> = {};
  for (const field of fieldsOfClass(line.body)) {
    const value = given[field.name];
    if (value !== undefined) body[field.name] = toValue(field, value, actions);
  }
  const suffix = query.size > 0 ? `?${query.toString()}` : '';
  return { method: line.method, path: path + suffix, body: line.body ? body : undefined };
}

export class UsageError extends Error {}

function toValue(field: Field, value: unknown, actions: ProgramActions): unknown {
  if (field.nullable && value === 'null') return null;
  switch (field.kind) {
    case 'integer':
      return Number(value);
    case 'document':
      return actions.readFile(String(value));
    case 'nested':
    case 'nested-list':
      try {
        return JSON.parse(String(value)) as unknown;
      } catch {
        throw new UsageError(`--${dashed(field.name)} must be JSON`);
      }
    default:
      return value;
  }
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
