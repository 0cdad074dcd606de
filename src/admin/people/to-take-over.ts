import type { ListedPerson } from '../../reconciliation/match-people.js';
import type { TakeOverReport } from '../../reconciliation/take-over.reconciler.js';
import type { TakeOverBody } from '../bodies/take-over.body.js';
import { AdminProblem } from '../http/admin-problem.js';
import type { TakeOverView } from '../views/take-over.view.js';
import { CsvFault, parseCsv, toCsv } from './csv.js';

/** A list of people, as JSON or as CSV with a line of names. Throws AdminProblem 422. */
export function toListedPeople({ people, csv }: TakeOverBody): ListedPerson[] {
  if ((people === undefined) === (csv === undefined)) {
    throw new AdminProblem(422, 'invalid', 'Give either people or csv.');
  }
  if (people) {
    return people.map(({ userName, externalId, email }) => ({
      userName,
      externalId: externalId ?? null,
      email: email ?? null,
    }));
  }
  const [header = [], ...lines] = rowsOf(csv!);
  const columnOf = (name: string) => header.findIndex((title) => title.toLowerCase() === name);
  const [userName, externalId, email] = [columnOf('username'), columnOf('externalid'), columnOf('email')];
  if (userName < 0) throw new AdminProblem(422, 'invalid', 'The first line of the CSV must name a column userName.');
  return lines
    .map((line) => ({
      userName: line[userName] ?? '',
      externalId: line[externalId] || null,
      email: line[email] || null,
    }))
    .filter((person) => person.userName !== '');
}

function rowsOf(csv: string): string[][] {
  try {
    return parseCsv(csv);
  } catch (error) {
    if (error instanceof CsvFault) throw new AdminProblem(422, 'invalid', error.message);
    throw error;
  }
}

export function toTakeOverView({ people, unlisted, leftovers }: TakeOverReport): TakeOverView {
  const count = (match: string) => people.filter((person) => person.match === match).length;
  return {
    exact: count('exact'),
    differing: count('differs'),
    ambiguous: count('ambiguous'),
    missing: count('missing'),
    people: people.map(({ listed, ...rest }) => ({ ...listed, ...rest })),
    unlisted: unlisted.map(({ id, userName }) => ({ userId: id, userName })),
    leftovers,
  };
}

const HEADER = ['kind', 'userName', 'externalId', 'email', 'differs', 'foundIds', 'foundUserNames', 'scim', 'detail'];

/** One line for each listed person, each person who is not listed, and each leftover. */
export const toTakeOverCsv = ({ people, unlisted, leftovers }: TakeOverReport): string =>
  toCsv([
    HEADER,
    ...people.map(({ listed, match, differs, found, scim, detail }) => [
      match,
      listed.userName,
      listed.externalId ?? '',
      listed.email ?? '',
      differs.join(' '),
      found.map(({ id }) => id).join(' '),
      found.map(({ userName }) => userName).join(' '),
      scim,
      detail ?? '',
    ]),
    ...unlisted.map(({ id, userName }) => ['unlisted', '', '', '', '', id, userName, '', '']),
    ...leftovers.map(({ userId, userName, displayName }) => [
      'leftover',
      '',
      '',
      '',
      '',
      userId,
      userName,
      '',
      displayName,
    ]),
  ]);
