import { readFileSync } from 'node:fs';
import type { BenchOrganization } from './operations.js';
import { KeepAliveClient } from './keep-alive-client.js';

const MIB = 1024;

/** Memory of a process in MiB; undefined where there is no /proc. */
function residentMemory(pid: number): number | undefined {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / MIB;
  } catch {
    return undefined;
  }
}

export interface MemoryResult {
  readonly memberships: number;
  readonly seconds: number;
  /** MiB of the server's process when it began, and at most meanwhile. */
  readonly before: number | undefined;
  readonly most: number | undefined;
}

/** Lists all groups with all their members, page by page with a cursor, and watches the server's memory meanwhile. */
export async function listMemberships(
  { url, pid }: { readonly url: string; readonly pid: number },
  { token }: BenchOrganization,
): Promise<MemoryResult> {
  const client = await KeepAliveClient.open(url, token);
  const before = residentMemory(pid);
  let most = before;
  const watching = setInterval(() => {
    const now = residentMemory(pid);
    if (now !== undefined && most !== undefined) most = Math.max(most, now);
  }, 50);
  const started = performance.now();
  let memberships = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined;) {
    const { status, body } = await client.send({ method: 'GET', path: `/scim/v2/Groups?count=1000&cursor=${cursor}` });
    if (status !== 200) throw new Error(`A page of groups: ${status} ${body.slice(0, 500)}`);
    const page = JSON.parse(body) as { nextCursor?: string; Resources: { members: unknown[] }[] };
    for (const { members } of page.Resources) memberships += members.length;
    cursor = page.nextCursor;
  }
  clearInterval(watching);
  client.close();
  return { memberships, seconds: (performance.now() - started) / 1000, before, most };
}
