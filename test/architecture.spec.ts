import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';

/** The rules of ARCHITECTURE.md, read off the sources. R8 is checked on the database (test/database/catalog.scenario.ts). */

/** Room -> floor. A room may import from lower floors and itself. */
const FLOORS: Readonly<Record<string, number>> = {
  config: 0,
  platform: 1,
  database: 2,
  outbox: 3,
  audit: 3,
  organizations: 4,
  directory: 5,
  // A session is somebody's: it knows subjects and users, which know no sessions.
  sessions: 6,
  reconciliation: 7,
  scim: 8,
  oauth: 8,
  saml: 8,
  'sign-in': 8,
  applications: 8,
  admin: 8,
  console: 8,
  webhooks: 8,
  health: 8,
  metrics: 8,
  demo: 8,
  // main, server, app.module and what else stands directly in src: composes.
  '': 9,
};
const DOOR_FLOOR = 8;
/** Pure rooms beside the floors, and who besides their own door may import them. */
const PROTOCOL = /^src\/(scim|saml)\/protocol\//;
const MAY_IMPORT_ANY_PROTOCOL = (file: SourceFile) => FLOORS[file.room]! >= DOOR_FLOOR || file.room === 'organizations';

interface Import {
  /** What is imported: `{ a, type b }`, `* as c`, or nothing. */
  readonly clause: string;
  readonly specifier: string;
  /** The file it names, when it is ours. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly reExport: boolean;
}
interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** The text without comments. */
  readonly code: string;
  readonly imports: readonly Import[];
}

const files = new Map(
  readdirSync('src', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('src', name))
    .map((path) => [path, readSource(path)] as const),
);
const all = [...files.values()];
const imports = all.flatMap((file) => file.imports.map((each) => ({ file, ...each })));

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found = code.matchAll(/^(import|export)\s+(type\s)?([^;'"]*?)\s*(?:from\s+)?'([^']+)';/gm);
  const [, second, third] = path.split('/');
  return {
    path,
    room: third === undefined ? '' : second!,
    text,
    code,
    imports: [...found].map(([, keyword, type, clause, specifier]) => ({
      clause: clause!,
      specifier: specifier!,
      target: specifier!.startsWith('.')
        ? normalize(join(dirname(path), specifier!)).replace(/\.js$/, '.ts')
        : undefined,
      typeOnly: type !== undefined || /^\{(\s*type\s[^,}]+,?)+\s*\}$/.test(clause!),
      reExport: keyword === 'export',
    })),
  };
}

const isDotted = (path: string): boolean => basename(path, '.ts').includes('.');
const toldAs = (file: SourceFile, to: string) => `${file.path} -> ${to}`;

describe('architecture', () => {
  it('finds the sources and their imports', () => {
    expect(all.length).toBeGreaterThan(60);
    expect(imports.length).toBeGreaterThan(200);
    // Every relative import is understood, so that none escapes the rules below.
    const lost = imports.filter(({ target }) => target?.startsWith('src/') && !files.has(target));
    expect(lost.map(({ file, specifier }) => toldAs(file, specifier))).toEqual([]);
    expect(all.filter(({ code }) => /\bimport\(|\brequire\(/.test(code)).map(({ path }) => path)).toEqual([]);
  });

  it('R1: every room has a floor and imports only from lower ones; doors never import doors', () => {
    expect([...new Set(all.map(({ room }) => room))].filter((room) => FLOORS[room] === undefined)).toEqual([]);
    const wrong = imports.filter(({ file, target }) => {
      if (!target?.startsWith('src/')) return false;
      const other = files.get(target)!.room;
      if (other === file.room) return false;
      if (PROTOCOL.test(target)) return !MAY_IMPORT_ANY_PROTOCOL(file);
      return FLOORS[other]! >= FLOORS[file.room]!;
    });
    expect(wrong.map(({ file, target }) => toldAs(file, target!))).toEqual([]);
  });

  it('R1: the protocol rooms import nothing of ours', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        PROTOCOL.test(file.path) && target && PROTOCOL.exec(target)?.[0] !== PROTOCOL.exec(file.path)![0],
    );
    expect(wrong.map(({ file, target }) => toldAs(file, target!))).toEqual([]);
  });

  it('R2: protocol code and every undotted file of the decisions and the doors is pure', () => {
    const pure = all.filter(
      ({ path, room }) =>
        PROTOCOL.test(path) ||
        (!isDotted(path) && (room === 'reconciliation' || FLOORS[room] === DOOR_FLOOR) && room !== 'demo'),
    );
    expect(pure.length).toBeGreaterThan(20);
    expect(pure.flatMap((file) => impurities(file))).toEqual([]);
  });

  it('R3: only the reconciliation imports the writers of the directory', () => {
    const wrong = imports.filter(
      ({ file, target }) =>
        target?.startsWith('src/directory/') &&
        target.endsWith('.writer.ts') &&
        !['reconciliation', 'directory'].includes(file.room),
    );
    expect(wrong.map(({ file, target }) => toldAs(file, target!))).toEqual([]);
    const elsewhere = all.filter(
      ({ code, path }) => writes(code).some(isDirectoryTable) && !/\.writer\.ts$/.test(path),
    );
    expect(elsewhere.map(({ path }) => path)).toEqual([]);
  });

  it('R6: no cycles, forwardRef, barrels across folders or folders without a subject', () => {
    expect(cycles()).toEqual([]);
    expect(all.filter(({ code }) => code.includes('forwardRef')).map(({ path }) => path)).toEqual([]);
    const barrels = imports.filter(
      ({ file, target, reExport }) => reExport && target && dirname(target) !== dirname(file.path),
    );
    expect(barrels.map(({ file, target }) => toldAs(file, target!))).toEqual([]);
    const nameless = /\/(common|shared|utils?|helpers?|types|lib|misc|core)\//;
    expect(all.filter(({ path }) => nameless.test(path)).map(({ path }) => path)).toEqual([]);
  });

  it('R7: each table is written by one room, and TypeORM stays in the database room', () => {
    const owners = new Map<string, Set<string>>();
    for (const { code, room } of all) {
      for (const table of writes(code)) owners.set(table, (owners.get(table) ?? new Set()).add(room));
    }
    expect(owners.size).toBeGreaterThan(10);
    const contested = [...owners].filter(([, rooms]) => rooms.size > 1);
    expect(contested.map(([table, rooms]) => `${table}: ${[...rooms].join(', ')}`)).toEqual([]);
    const documented = [...readFileSync('ARCHITECTURE.md', 'utf8').matchAll(/^\| ([a-z]+)\/ +\| ([a-z_, ]+?) *\|$/gm)];
    expect([...owners].map(([table, [room]]) => `${room}/ ${table}`).sort()).toEqual(
      documented.flatMap(([, room, tables]) => tables!.split(', ').map((table) => `${room}/ ${table}`)).sort(),
    );
    const orm = imports.filter(({ file, specifier }) => specifier.startsWith('typeorm') && file.room !== 'database');
    expect(orm.map(({ file }) => file.path)).toEqual([]);
  });

  it('R9: what others name is fetched by the Fetcher alone', () => {
    // The command line asks its own server; the demo IdP is a server; tokens are compared with addresses, which ask nobody.
    const allowed = [
      'src/platform/fetcher.ts',
      'src/platform/name-resolver.ts',
      'src/cli.ts',
      'src/demo/demo-idp.server.ts',
    ];
    const clients = /^(node:(http|https|http2|tls|dgram)|undici|axios|got|node-fetch)(\/|$)/;
    const wrong = all.filter(
      ({ code, imports: own, path }) =>
        !allowed.includes(path) &&
        (/(?<![.\w])fetch\(/.test(code) ||
          own.some(({ specifier, typeOnly }) => clients.test(specifier) && !typeOnly) ||
          /\b(createConnection|net\.connect)\(/.test(code)),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('keeps files small enough to read', () => {
    const sized = all.filter(({ path }) => !path.startsWith('src/scim/protocol/schema/'));
    const lines = ({ text }: SourceFile) => text.split('\n').length - 1;
    const long = sized.filter((file) => lines(file) > 300).map((file) => `${file.path}: ${lines(file)}`);
    if (long.length > 0) console.warn(`Longer than 300 lines:\n${long.join('\n')}`);
    expect(sized.filter((file) => lines(file) > 400).map((file) => `${file.path}: ${lines(file)}`)).toEqual([]);
  });
});

const FRAMEWORKS =
  /^(@nestjs\/|typeorm$|pg$|fastify|rxjs|passport|pino$|@electric-sql\/|node:(fs|net|tls|dns|http|https|http2|child_process|worker_threads|timers|os|process)(\/|$))/;
/** The clock, chance and the surroundings. */
const AMBIENT =
  /\bDate\.now\(|\bnew Date\(\s*\)|\bperformance\.now\(|\bMath\.random\(|\brandom(Bytes|UUID|Int|FillSync)\b|\bprocess\.|\bfetch\(|\bset(Timeout|Interval|Immediate)\(/;

/** Everything that keeps a file from being pure, also through what it imports. */
function impurities(file: SourceFile, seen: Set<string> = new Set()): string[] {
  if (seen.has(file.path)) return [];
  seen.add(file.path);
  const ambient = AMBIENT.exec(file.code)?.[0];
  return [
    ...(ambient === undefined ? [] : [`${file.path}: ${ambient}`]),
    ...file.imports.flatMap(({ clause, specifier, target, typeOnly }) => {
      // To word an error one must recognise the class the framework throws; that is data.
      if (target === undefined && clause === '{ HttpException }') return [];
      if (target === undefined) return FRAMEWORKS.test(specifier) ? [toldAs(file, specifier)] : [];
      return typeOnly ? [] : impurities(files.get(target)!, seen).map((reason) => `${file.path} -> ${reason}`);
    }),
  ];
}

/** Tables that the SQL in the text inserts into, updates or deletes from. */
function writes(code: string): string[] {
  const statements = code.matchAll(/\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+([a-z_]+)\b/g);
  return [...new Set([...statements].map(([, table]) => table!).filter((table) => table.endsWith('s')))];
}
const isDirectoryTable = (table: string): boolean => ['users', 'groups', 'memberships', 'identities'].includes(table);

/** One line for each import that closes a circle. */
function cycles(): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' -> '));
      return;
    }
    if (done.has(path)) return;
    for (const { target } of files.get(path)?.imports ?? []) if (target) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of files.keys()) visit(path, []);
  return found;
}
