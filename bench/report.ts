import type { LoadSize } from './load.js';
import type { MemoryResult } from './memory.js';
import type { Operation } from './operations.js';

/** What one measurement of one server gave. */
export interface Measurement {
  readonly perSecond: number;
  /** Median latency in milliseconds. */
  readonly latency: number;
  /** CPU milliseconds of an operation; undefined where they cannot be told. */
  readonly nodeCpu: number | undefined;
  readonly databaseCpu: number | undefined;
}

export interface Result {
  readonly operation: Operation;
  /** One of each a round. */
  readonly floor: readonly Measurement[];
  readonly server: readonly Measurement[];
}

/** A table of medians, and how much slower the largest size is than the smallest. */
export function report(results: readonly Result[]): string {
  const rows = results.map(({ operation, floor, server }) => [
    operation.name,
    operation.organization.users.toLocaleString('en'),
    String(operation.connections),
    round(median(floor.map(({ perSecond }) => perSecond))),
    round(median(server.map(({ perSecond }) => perSecond))),
    median(server.map(({ perSecond }, index) => perSecond / floor[index]!.perSecond)).toFixed(2),
    `${cpu(floor, 'nodeCpu')} + ${cpu(floor, 'databaseCpu')}`,
    `${cpu(server, 'nodeCpu')} + ${cpu(server, 'databaseCpu')}`,
    `${latency(floor)} / ${latency(server)}`,
  ]);
  const head = ['operation', 'people', 'clients', 'floor ops/s', 'rollcall ops/s', 'ratio'];
  const costs = ['floor CPU ms/op (node + PostgreSQL)', 'rollcall CPU ms/op', 'p50 ms floor / rollcall'];
  const table = toTable([[...head, ...costs], ...rows]);
  return `${table}\n\n${growth(results)}`;
}

function growth(results: readonly Result[]): string {
  const names = [...new Set(results.map(({ operation }) => operation.name))];
  const rows = names.flatMap((name) => {
    const sizes = results.filter(({ operation }) => operation.name === name);
    const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
    if (smallest === largest) return [];
    const told = ({ operation }: Result) => operation.organization.users.toLocaleString('en');
    const sizesTold = `${told(largest)} vs ${told(smallest)}`;
    const times = (side: 'floor' | 'server') =>
      (
        median(smallest[side].map(({ perSecond }) => perSecond)) /
        median(largest[side].map(({ perSecond }) => perSecond))
      ).toFixed(2);
    return [[name, sizesTold, times('floor'), times('server')]];
  });
  return toTable([['growth of the time for one operation', 'sizes', 'floor', 'rollcall'], ...rows]);
}

export function memoryReport({ memberships, seconds, before, most }: MemoryResult): string {
  const told = (mebibytes: number | undefined) => (mebibytes === undefined ? '?' : `${Math.round(mebibytes)} MiB`);
  const growth = before === undefined || most === undefined ? undefined : most - before;
  return toTable([
    ['listing all memberships', 'seconds', 'memory before', 'at most', 'growth'],
    [memberships.toLocaleString('en'), seconds.toFixed(1), told(before), told(most), told(growth)],
  ]);
}

export interface LoadResult {
  readonly seconds: number;
  /** CPU seconds of the server, its database and the client; undefined where they cannot be told. */
  readonly cpu: readonly (number | undefined)[];
}

export function loadReport(size: LoadSize, { floor, rollcall }: { floor: LoadResult; rollcall: LoadResult }): string {
  const [users, groups, memberships] = [size.users, size.groups, size.memberships].map((n) => n.toLocaleString('en'));
  const cpuOf = ({ cpu }: LoadResult) => cpu.map((seconds) => seconds?.toFixed(1) ?? '?').join(' + ');
  const cpu = 'CPU s (node + PostgreSQL + client)';
  return toTable([
    ['load by the simulator', 'floor s', `floor ${cpu}`, 'rollcall s', `rollcall ${cpu}`, 'times the floor'],
    [
      `${users} people, ${groups} groups, ${memberships} memberships`,
      floor.seconds.toFixed(1),
      cpuOf(floor),
      rollcall.seconds.toFixed(1),
      cpuOf(rollcall),
      (rollcall.seconds / floor.seconds).toFixed(2),
    ],
  ]);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export const round = (value: number): string => Math.round(value).toLocaleString('en');
const latency = (side: readonly Measurement[]): string => median(side.map((each) => each.latency)).toFixed(1);

export function cpu(side: readonly Measurement[], which: 'nodeCpu' | 'databaseCpu'): string {
  const values = side.map((each) => each[which]);
  return values.includes(undefined) ? '?' : median(values as number[]).toFixed(2);
}

export function toTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = `|${widths.map((width, column) => (column === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
