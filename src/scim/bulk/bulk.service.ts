import { setImmediate } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { GroupWrites } from '../groups/group-writes.service.js';
import { SCIM_ROOT } from '../http/addresses.js';
import { versionOf } from '../http/read-conditions.js';
import type { ResourceWrites, Written } from '../http/resource-writes.js';
import { ScimAddresses } from '../http/scim-addresses.service.js';
import type { Caller } from '../http/scim.request.js';
import { wordError } from '../http/to-scim-error.js';
import { BULK_OPTIONS } from '../limits.js';
import type { BulkOperation } from '../protocol/bulk/bulk-operation.js';
import { BulkProgress } from '../protocol/bulk/bulk-progress.js';
import { parseBulkRequest } from '../protocol/bulk/parse-bulk-request.js';
import { planBulk, type Step } from '../protocol/bulk/plan-bulk.js';
import { targetOf, type BulkTarget } from '../protocol/bulk/target-of.js';
import { toBulkResponse } from '../protocol/bulk/to-bulk-response.js';
import type { SentRequest } from '../protocol/quirks/observe-quirks.js';
import type { JsonObject } from '../protocol/schema/attribute.js';
import { ScimError } from '../protocol/scim-error.js';
import { Log } from '../../platform/logger.js';
import { UserWrites } from '../users/user-writes.service.js';
import { refuseTarget } from './refuse-target.js';

/** A resource that was made without what refers to resources that were not there yet. */
interface Begun {
  readonly target: BulkTarget & { readonly id: string };
  readonly location: string;
  readonly version: string;
}

/** Who asks at this moment, and may they, in this dialect? The second half of an operation has been admitted with the first. */
type Admit = (operation?: SentRequest) => Promise<Caller>;

/** One bulk request under way. */
interface Run {
  readonly correlationId: string;
  readonly admit: Admit;
  readonly operations: readonly BulkOperation[];
  readonly progress: BulkProgress;
  readonly begun: Map<number, Begun>;
}

/** Nothing of the resources is shown, so that the members of a group need not be loaded. */
const SHOWN = { excludedAttributes: 'members' };

/**
 * Bulk requests (RFC 7644 section 3.7): each operation is the write it would be as a request of its own, with the same answer, and as
 * atomic; only the order and the references between operations are decided here, by protocol/bulk. A request is performed to its
 * end, also when its client does not wait for the answer.
 */
@Injectable()
export class BulkService {
  private readonly writes: Readonly<Record<BulkTarget['endpoint'], ResourceWrites>>;

  constructor(
    @Inject(UserWrites) users: UserWrites,
    @Inject(GroupWrites) groups: GroupWrites,
    @Inject(ScimAddresses) private readonly addresses: ScimAddresses,
    @Inject(Log) private readonly log: Log,
  ) {
    this.writes = { Users: users, Groups: groups };
  }

  /**
   * The BulkResponse. `admit` is asked before each operation, so that a token that is revoked or a connection that is switched off
   * in the middle ends what goes on. Throws ScimError for a request that is none.
   */
  async perform(body: JsonObject, correlationId: string, admit: Admit): Promise<JsonObject> {
    const { operations, failOnErrors = Infinity } = parseBulkRequest(body, BULK_OPTIONS);
    const progress = new BulkProgress(operations);
    const run: Run = { correlationId, admit, operations, progress, begun: new Map() };
    for (const step of planBulk(operations)) {
      if (progress.errors >= failOnErrors) break;
      await this.take(run, step);
      // A thousand operations must not be one turn of the event loop, whatever the database does.
      await setImmediate();
    }
    // Those that were begun and whose turn did not come any more.
    for (const index of [...run.begun.keys()]) await this.complete(run, index);
    return toBulkResponse(operations, progress.outcomes);
  }

  private async take(run: Run, { index, kind }: Step): Promise<void> {
    if (kind === 'complete') return this.complete(run, index);
    const operation = run.operations[index]!;
    const { progress } = run;
    try {
      const target = this.targetOf(run, operation);
      const data = kind === 'begin' ? progress.dataToBeginWith(operation) : progress.dataOf(operation);
      const { method, path, version: wanted } = operation;
      const caller = await run.admit({ method, url: path, query: {}, headers: {}, body: data });
      const written = await this.write(caller, method, target, data, wanted);
      if (written.status !== 201) {
        const version = written.status === 204 ? written.version : versionOf(written.resource);
        const location = this.locationOf(run, operation)!;
        return progress.settle(index, {
          status: written.status,
          location,
          ...(version === undefined ? {} : { version }),
        });
      }
      const made = describe(target, written.resource);
      progress.made(operation, made.target.id);
      if (kind === 'begin') run.begun.set(index, made);
      else progress.settle(index, { status: 201, location: made.location, version: made.version });
    } catch (error) {
      const answer = this.word(run, index, error);
      const location = this.locationOf(run, operation);
      progress.settle(index, { status: answer.status, ...(location === undefined ? {} : { location }), error: answer });
    }
  }

  /** The second change of a POST that others wait for and that waits for them: the whole of its data, if nobody changed it meanwhile. */
  private async complete(run: Run, index: number): Promise<void> {
    const begun = run.begun.get(index);
    // Its first half failed, and that is its outcome.
    if (!begun) return;
    run.begun.delete(index);
    const { target, location, version } = begun;
    try {
      const data = run.progress.dataOf(run.operations[index]!);
      const written = await this.write(await run.admit(), 'PUT', target, data, version);
      run.progress.settle(index, {
        status: 201,
        location,
        version: written.status === 204 ? version : versionOf(written.resource),
      });
    } catch (error) {
      const { status, detail } = this.word(run, index, error);
      const answer = new ScimError(
        status < 500 ? 409 : status,
        `The resource was created at ${location}, but without what refers to other operations: ${detail}`,
      );
      run.progress.settle(index, { status: answer.status, location, version, error: answer });
    }
  }

  /** Throws ScimError for what no operation can be about, and for a reference to nothing. */
  private targetOf({ progress }: Run, operation: BulkOperation): BulkTarget {
    if (operation.fault) throw operation.fault;
    const target = targetOf(operation);
    if (!target) throw refuseTarget(operation);
    return target.id === undefined ? target : { ...target, id: progress.idOf(target.id) };
  }

  private async write(
    caller: Caller,
    method: string,
    { endpoint, id = '' }: BulkTarget,
    body: JsonObject | undefined,
    version: string | undefined,
  ): Promise<Written> {
    const writes = this.writes[endpoint];
    const headers = version === undefined ? {} : { 'if-match': version };
    const request = { caller, headers, query: SHOWN, body };
    switch (method) {
      case 'POST':
        return writes.create(request);
      case 'PUT':
        return writes.replace(id, request);
      case 'PATCH':
        return writes.patch(id, request);
      default:
        return writes.remove(id, request);
    }
  }

  /** "REQUIRED in a response, except in the event of a POST failure" (RFC 7644 section 3.7). */
  private locationOf({ progress }: Run, operation: BulkOperation): string | undefined {
    if (operation.method === 'POST' || operation.path === '') return undefined;
    const target = targetOf(operation);
    const { root } = this.addresses.get();
    const id = target?.id === undefined ? undefined : progress.knownId(target.id);
    return id === undefined ? root + operation.path : `${root}/${target!.endpoint}/${id}`;
  }

  /** What the client is told; an error nobody foresaw costs one operation, and its cause is in the log. */
  private word({ correlationId, operations }: Run, index: number, error: unknown): ScimError {
    const { answer, unexpected } = wordError(error, correlationId);
    if (unexpected) {
      this.log.failure(error, {
        correlationId,
        method: operations[index]!.method,
        route: `${SCIM_ROOT}/Bulk`,
        operation: index,
      });
    }
    return answer;
  }
}

function describe({ endpoint }: BulkTarget, resource: JsonObject): Begun {
  const { id, meta } = resource as { id: string; meta: { location: string } };
  return { target: { endpoint, id }, location: meta.location, version: versionOf(resource) };
}
