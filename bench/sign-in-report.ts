import type { SignInResult } from './measure-sign-ins.js';
import { cpu, median, round, toTable } from './report.js';
import { SIGN_INS } from './sign-ins.js';

/** A table of medians, and how much slower the largest organization is than the smallest. */
export function signInReport(results: readonly SignInResult[]): string {
  const rows = results.map(({ signIns, server, verified }) => [
    signIns.name,
    signIns.organization.users.toLocaleString('en'),
    String(signIns.statements),
    String(signIns.roundTrips),
    round(median(verified.map(({ perSecond }) => perSecond))),
    round(median(server.map(({ perSecond }) => perSecond))),
    median(server.map(({ perSecond }, index) => perSecond / verified[index]!.perSecond)).toFixed(2),
    verified.some((each) => each.cpu === undefined) ? '?' : median(verified.map((each) => each.cpu!)).toFixed(2),
    `${cpu(server, 'nodeCpu')} + ${cpu(server, 'databaseCpu')}`,
    median(server.map(({ latency }) => latency)).toFixed(1),
  ]);
  const head = ['a sign-in that', 'people', 'statements', 'round trips', 'verified/s', 'sign-ins/s', 'ratio'];
  return `${toTable([[...head, 'verification CPU ms', 'rollcall CPU ms (node + PostgreSQL)', 'p50 ms'], ...rows])}\n\n${growth(results)}`;
}

function growth(results: readonly SignInResult[]): string {
  const rows = SIGN_INS.map((name) => {
    const sizes = results.filter(({ signIns }) => signIns.name === name);
    const [smallest, largest] = [sizes[0]!, sizes.at(-1)!];
    const told = ({ signIns }: SignInResult) => signIns.organization.users.toLocaleString('en');
    const perSecond = ({ server }: SignInResult) => median(server.map((each) => each.perSecond));
    const times = (perSecond(smallest) / perSecond(largest)).toFixed(2);
    return [name, `${told(largest)} vs ${told(smallest)}`, times];
  });
  return toTable([['growth of the time for one sign-in that', 'sizes', 'rollcall'], ...rows]);
}
