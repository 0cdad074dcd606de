import { userNameOf, titleOf, DEPARTMENTS } from '../directory/person.js';
import { parallel } from '../parallel.js';
import type { Client } from '../protocol/client.js';
import { pick } from '../random.js';
import { Choice } from './choose.js';

/**
 * What happens in a company. Each step changes the directory first and then tells the server, as a client does that compares the two;
 * within a step many things go on at the same time, as many as `limit`.
 */

export interface LifeStep {
  readonly name: string;
  live(stage: Stage): Promise<void>;
}

export interface Stage {
  readonly client: Client;
  readonly choice: Choice;
  readonly round: number;
  readonly limit: number;
}

export const LIFE: readonly LifeStep[] = [
  { name: 'joiners', live: joiners },
  { name: 'movers', live: movers },
  { name: 'renames', live: renames },
  { name: 'leavers', live: leavers },
  { name: 'deletions', live: deletions },
  { name: 're-hires', live: rehires },
  { name: 'groups renamed, made and removed', live: groupsChange },
  { name: 'duplicates', live: duplicates },
  { name: 'concurrent group pushes', live: groupPushes },
];

async function joiners(stage: Stage): Promise<void> {
  const { client, choice, limit } = stage;
  const { directory, users } = client;
  const count = Math.max(2, Math.round(directory.initial.users * 0.05));
  const joined = Array.from({ length: count }, () => directory.join());
  await parallel(joined, limit, (index) => users.ensure(index));
  await move(stage, new Map(choice.groups('joined', 0, 3).map((group) => [group, { added: joined, removed: [] }])));
}

/** Another title and department; a phone less; out of one group and into another. */
async function movers(stage: Stage): Promise<void> {
  const { client, choice, round, limit } = stage;
  const { directory, users } = client;
  const { seed } = directory;
  const moving = choice.people('movers', 0.05, choice.isActive, 3);
  await parallel(moving.entries(), limit, async ([place, index]) => {
    const before = directory.person(index);
    directory.change(index, {
      title: titleOf(seed, index, 'moved', round),
      department: pick(DEPARTMENTS, seed, 'moved', index, round),
      ...(place % 3 === 0 && client.profile.users.clears ? { phone: undefined } : { phone: `+1 555 ${1000 + place}` }),
    });
    await users.update(index, before);
  });
  const [from, to] = choice.groups('moved', 0, 2);
  if (from === undefined || to === undefined) return;
  await move(
    stage,
    new Map([
      [from, { added: [], removed: [...directory.membersOf(from)].slice(0, moving.length) }],
      [to, { added: moving, removed: [] }],
    ]),
  );
}

/** Marriage: family name, userName and e-mail; the id stays. */
async function renames({ client, choice, round, limit }: Stage): Promise<void> {
  const { directory, users } = client;
  const renamed = choice.people('renames', 0.02, choice.isActive, 2);
  await parallel(renamed, limit, async (index) => {
    const before = directory.person(index);
    const familyName = `${before.familyName} Öztürk`;
    const userName = userNameOf(`married${round}`, index, directory.domain);
    directory.change(index, { familyName, userName, email: userName });
    await users.update(index, before);
  });
}

/** They lose their access; half of them lose their groups as well. */
async function leavers(stage: Stage): Promise<void> {
  const { client, choice, limit } = stage;
  const { directory, users, profile } = client;
  const leaving = choice.people('leavers', 0.04, choice.isActive, 4);
  const expelled = new Set(leaving.filter((_, place) => place % 2 === 0));
  await move(stage, withoutThem(stage, expelled));
  await parallel(leaving, limit, async (index) => {
    if (profile.users.leaving === 'delete') {
      await users.delete(index);
      directory.remove(index);
    } else {
      directory.change(index, { active: false });
      await users.setActive(index);
    }
  });
}

/** Those who left long ago are removed for good, by the clients that ever do. */
async function deletions({ client, choice, limit }: Stage): Promise<void> {
  const { directory, users, profile } = client;
  if (!profile.users.deletes) return;
  const deleted = choice.people('deletions', 0.02, (index) => !choice.isActive(index), 2);
  await parallel(deleted, limit, async (index) => {
    await users.delete(index);
    directory.remove(index);
  });
}

/** Back again: the deactivated are found and reactivated, the deleted are made anew and put into their groups. */
async function rehires(stage: Stage): Promise<void> {
  const { client, choice, limit } = stage;
  const { directory, users } = client;
  const back = choice.people('re-hires', 0.02, (index) => !choice.isActive(index));
  await parallel(back, limit, async (index) => {
    directory.change(index, { active: true });
    await users.setActive(index);
  });
  const removed = Array.from({ length: directory.initial.users }, (_, index) => index).filter((index) =>
    directory.isGone(index),
  );
  const anew = removed.slice(0, Math.max(1, Math.round(directory.initial.users * 0.01)));
  for (const index of anew) {
    directory.restore(index);
    directory.change(index, { active: true });
  }
  await parallel(anew, limit, (index) => users.ensure(index));
  await parallel(anew, limit, (index) => users.sendManager(index));
  await parallel(directory.membershipsOf(new Set(anew)), limit, async ([group, members]) =>
    client.groups?.push(group, members, []),
  );
}

async function groupsChange({ client, choice, round, limit }: Stage): Promise<void> {
  const { directory, groups } = client;
  if (!groups) return;
  await parallel(choice.groups('renamed', 0.05), limit, async (group) => {
    directory.renameGroup(group, `Renamed "${round}" & Söhne ${group} (${directory.mark})`);
    await groups.rename(group);
  });
  const made = choice.groups('made', 0.03).map((_, place) => {
    const members = choice.people(`made ${place}`, 0.01, (index) => !directory.isGone(index), 3);
    return { group: directory.createGroup(members), members };
  });
  await parallel(made, limit, async ({ group, members }) => {
    await groups.ensure(group);
    await groups.push(group, members, []);
  });
  await parallel(choice.groups('removed', 0.03), limit, async (group) => {
    await groups.delete(group);
    directory.removeGroup(group);
  });
}

/**
 * Two accounts of one userName in two spellings, the second later or at the same moment: only one can be there. And two people of one
 * e-mail, who both can, unless the client takes the e-mail for the person.
 */
async function duplicates({ client, choice }: Stage): Promise<void> {
  const { directory, users } = client;
  const twinOf = (index: number) => {
    const { userName, email } = directory.person(index);
    return directory.join({ userName: userName.toUpperCase(), email });
  };
  const late = choice.people('duplicates', 0.005, choice.isActive).map(twinOf);
  for (const index of late) {
    // Accepted or not, it has no place in the directory: a server that takes it shows one user too many.
    await users.ensure(index);
    directory.remove(index);
    users.ids.forget(index);
  }
  const first = directory.join();
  const racing = [first, twinOf(first)];
  await Promise.all(racing.map((index) => users.ensure(index)));
  const kept = racing.find((index) => users.ids.get(index) !== undefined) ?? first;
  for (const index of racing.filter((other) => other !== kept)) {
    directory.remove(index);
    users.ids.forget(index);
  }
  for (const index of choice.people('namesakes', 0.005, choice.isActive)) {
    const namesake = directory.join({ email: directory.person(index).email });
    if (!(await users.ensure(namesake)) && client.profile.matchesByEmail) directory.remove(namesake);
  }
}

/** Members of one group come and go in requests of their own, all at the same time. */
async function groupPushes({ client, choice, limit }: Stage): Promise<void> {
  const { directory, groups } = client;
  if (!groups) return;
  const [group] = choice.groups('pushed', 0);
  if (group === undefined) return;
  const removed = [...directory.membersOf(group)].slice(0, 10);
  const stays = new Set(directory.membersOf(group));
  const added = choice.people('pushed', 0.01, (index) => !stays.has(index), 10);
  for (const index of removed) directory.removeMember(group, index);
  for (const index of added) directory.addMember(group, index);
  const changes = [
    ...added.map((index) => ({ added: [index], removed: [] })),
    ...removed.map((index) => ({ added: [], removed: [index] })),
  ];
  await parallel(changes, Math.max(limit, 4), (change) => groups.push(group, change.added, change.removed));
}

type Moves = ReadonlyMap<number, { readonly added: readonly number[]; readonly removed: readonly number[] }>;

async function move({ client, limit }: Stage, moves: Moves): Promise<void> {
  const { directory, groups } = client;
  if (!groups) return;
  await parallel(moves, limit, async ([group, { added, removed }]) => {
    for (const index of removed) directory.removeMember(group, index);
    for (const index of added) directory.addMember(group, index);
    const gone = removed.filter((index) => !added.includes(index));
    await groups.push(group, added, gone);
  });
}

function withoutThem({ client }: Stage, people: ReadonlySet<number>): Moves {
  const memberships = client.directory.membershipsOf(people);
  return new Map([...memberships].map(([group, removed]) => [group, { added: [], removed }]));
}
