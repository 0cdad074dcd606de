import { parallel } from '../parallel.js';
import type { Client } from '../protocol/client.js';

/** Everybody, then the managers, then every group with its members. */
export async function initialCycle(client: Client, limit: number, progress: (text: string) => void): Promise<void> {
  const { directory, users, groups, profile } = client;
  const { initial } = directory;
  progress('test connection');
  await client.connect();
  client.transport.nextStep();
  progress(`initial cycle: ${initial.users} users`);
  await parallel(counted(initial.users, 'users', progress), limit, (index) => users.ensure(index));
  if (profile.attributes.includes('manager')) {
    await parallel(counted(initial.users, 'managers', progress), limit, (index) => users.sendManager(index));
  }
  if (!groups) return;
  progress(`initial cycle: ${initial.groups} groups`);
  await parallel(counted(initial.groups, 'groups', progress), limit, async (index) => {
    await groups.ensure(index);
    await groups.push(index, [...directory.membersOf(index)], []);
  });
}

/** 0 to below `count`; says every 10,000 how far it is. */
function* counted(count: number, what: string, progress: (text: string) => void): Generator<number> {
  for (let index = 0; index < count; index++) {
    if (index > 0 && index % 10_000 === 0) progress(`initial cycle: ${index} of ${count} ${what}`);
    yield index;
  }
}
