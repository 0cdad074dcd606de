import { Inject, Injectable } from '@nestjs/common';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { Vault } from '../organizations/vault.service.js';
import { Clock } from '../platform/clock.js';
import { UnsealError } from '../platform/sealing.js';
import type { LateResources } from './http/print-list.js';
import type { Caller } from './http/scim.request.js';
import { CURSOR_TIMEOUT_SECONDS } from './limits.js';
import {
  notOfThisQuery,
  parseCursor,
  printCursor,
  queryOfCursor,
  type CursorContent,
  type CursorPosition,
} from './protocol/cursor.js';
import type { ListQuery } from './protocol/list-query.js';
import type { ListHead } from './protocol/list-response.js';
import { ScimError } from './protocol/scim-error.js';

/** Resources of one page, what is said of it, and where the next one begins, if there is one. */
export interface FoundPage<Resource> {
  readonly resources: readonly Resource[];
  /** Further ones, after those. */
  readonly late?: LateResources;
  readonly total: number | undefined;
  readonly next: CursorPosition | undefined;
}

/** A page as it is answered. */
export interface Listing<Resource> {
  readonly resources: readonly Resource[];
  readonly late?: LateResources;
  readonly head: ListHead;
}

/** The one way to a page of a list, by index or by cursor; cursors are bound to the asking connection, the endpoint and the whole query. */
@Injectable()
export class Cursors {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(Vault) private readonly vault: Vault,
    @Inject(Clock) private readonly clock: Clock,
  ) {}

  /**
   * Reads the page that the query asks for; `endpoint` '' is the root. `read` gets the place a cursor leads to; undefined: the page
   * begins where the query says. Throws ScimError invalidCursor, expiredCursor, invalidCount, and what `read` throws.
   */
  async page<Resource>(
    caller: Caller,
    endpoint: string,
    query: ListQuery,
    read: (after: CursorPosition | undefined) => Promise<FoundPage<Resource>>,
  ): Promise<Listing<Resource>> {
    const { total, next, ...found } = await read(await this.open(caller, endpoint, query));
    const totalResults = total === undefined ? {} : { totalResults: total };
    if (query.cursor === undefined) return { ...found, head: { ...totalResults, startIndex: query.startIndex } };
    const nextCursor = next ? { nextCursor: await this.seal(caller, endpoint, query, next) } : {};
    return { ...found, head: { ...totalResults, ...nextCursor } };
  }

  private async open(caller: Caller, endpoint: string, query: ListQuery): Promise<CursorPosition | undefined> {
    if (query.cursor === undefined || query.cursor === '') return undefined;
    const content = await this.unseal(caller, endpoint, query, query.cursor);
    if (this.clock.now().getTime() > content.issuedAt + CURSOR_TIMEOUT_SECONDS * 1000) {
      throw new ScimError(
        400,
        `The cursor has expired: the next page must be asked for within ${CURSOR_TIMEOUT_SECONDS} seconds. Begin again with an empty cursor.`,
        'expiredCursor',
      );
    }
    // "... query parameters and values being identical to the initial query" (RFC 9865 section 2)
    if (content.count !== query.count) {
      throw new ScimError(400, `"count" must stay what it was in the first request: ${content.count}.`, 'invalidCount');
    }
    return content.position;
  }

  private async unseal(
    { connection }: Caller,
    endpoint: string,
    query: ListQuery,
    cursor: string,
  ): Promise<CursorContent> {
    const sealed = parseCursor(cursor);
    const { organizationId } = connection;
    try {
      const text = await this.vault.unseal(
        this.unitOfWork.read,
        organizationId,
        purposeOf(connection, endpoint, query),
        sealed,
      );
      return JSON.parse(text.toString('utf8')) as CursorContent;
    } catch (error) {
      throw error instanceof UnsealError ? notOfThisQuery() : error;
    }
  }

  private async seal(
    { connection }: Caller,
    endpoint: string,
    query: ListQuery,
    position: CursorPosition,
  ): Promise<string> {
    const content: CursorContent = { position, count: query.count, issuedAt: this.clock.now().getTime() };
    const purpose = purposeOf(connection, endpoint, query);
    return printCursor(
      await this.vault.seal(this.unitOfWork.read, connection.organizationId, purpose, JSON.stringify(content)),
    );
  }
}

const purposeOf = ({ id }: Caller['connection'], endpoint: string, query: ListQuery): string =>
  `scim-cursor ${id} ${queryOfCursor(endpoint, query)}`;
