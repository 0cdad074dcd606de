import { Controller, Get, Inject, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UnitOfWork } from '../database/unit-of-work.service.js';
import { DirectoryReader } from '../directory/directory.reader.js';
import { OrganizationsService } from '../organizations/organizations.service.js';
import { PublicUrl } from '../platform/public-url.js';
import { toTargetPath } from '../platform/target-path.js';
import type { LiveSession } from '../sessions/live-session.js';
import { arrivalTokenOf, clearedArrivalCookie, sessionCookies } from '../sessions/session-cookie.js';
import { SessionEnder } from '../sessions/session-ender.service.js';
import { BrowserSession } from './browser-session.service.js';
import { readForm, textOf } from './read-form.js';
import { SameOriginGuard } from './same-origin.guard.js';
import { toArrivalPage, type Somebody } from './to-arrival-page.js';
import { toPersonActor } from './to-person-actor.js';
import { userNameOf } from './to-session-view.js';

/**
 * /session/arrival: where a sign-in ends that an IdP began, or that was begun where somebody was signed in. Its answer comes from
 * another site, with which browsers send no session cookie; here they do, and whoever is signed in already is not replaced by somebody
 * else without being asked: a stranger can send a browser to a sign-in of their own, and see afterwards what is done under their name
 * (login CSRF).
 */
@Controller('session/arrival')
export class ArrivalController {
  constructor(
    @Inject(UnitOfWork) private readonly unitOfWork: UnitOfWork,
    @Inject(BrowserSession) private readonly browserSession: BrowserSession,
    @Inject(DirectoryReader) private readonly directory: DirectoryReader,
    @Inject(OrganizationsService) private readonly organizations: OrganizationsService,
    @Inject(SessionEnder) private readonly ender: SessionEnder,
    @Inject(PublicUrl) private readonly publicUrl: PublicUrl,
  ) {}

  @Get()
  async show(
    @Query('target') wanted: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const target = toTargetPath(textOf(wanted));
    const arrived = await this.browserSession.arrived(request.headers.cookie);
    const present = await this.browserSession.of(request.headers.cookie);
    if (!arrived || !present || arrived.id === present.id) return this.enter(request, reply, arrived, target);
    if (isSamePerson(arrived, present)) {
      // No browser has its cookie any more.
      await this.end(present, request.id);
      return this.enter(request, reply, arrived, target);
    }
    const page = toArrivalPage(this.publicUrl.get(), {
      arrived: await this.describe(arrived),
      arrivedId: arrived.id,
      present: await this.describe(present),
      target,
    });
    await reply.headers(page.headers).send(page.body);
  }

  @Post()
  @UseGuards(SameOriginGuard)
  async decide(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const arrived = await this.browserSession.arrived(request.headers.cookie);
    const present = await this.browserSession.of(request.headers.cookie);
    const field = readForm(request.body);
    const target = toTargetPath(field('target'));
    // Another sign-in may have arrived since the page asked: who was asked about one has not decided on the other.
    if (arrived && field('session') !== arrived.id) return this.askAgain(reply, target);
    const goesOn = field('choice') === 'continue';
    const left = goesOn ? present : arrived;
    if (arrived && left && left.id !== (goesOn ? arrived : present)?.id) await this.end(left, request.id);
    await this.enter(request, reply, goesOn ? arrived : undefined, target);
  }

  private async askAgain(reply: FastifyReply, target: string | undefined): Promise<void> {
    const address = new URL(this.publicUrl.to('/session/arrival'));
    if (target !== undefined) address.searchParams.set('target', target);
    await reply.header('cache-control', 'no-store').redirect(address.href, 303);
  }

  /** The arrived session becomes that of the browser; without one the browser stays as it is. */
  private async enter(
    request: FastifyRequest,
    reply: FastifyReply,
    arrived: LiveSession | undefined,
    target: string | undefined,
  ): Promise<void> {
    const secure = this.publicUrl.isSecure();
    const token = arrived && arrivalTokenOf(request.headers.cookie, secure);
    const cookies = [
      ...(arrived && token !== undefined ? sessionCookies(token, arrived.expiresAt, secure) : []),
      clearedArrivalCookie(secure),
    ];
    const path = (arrived && target) ?? new URL(this.publicUrl.to('/session')).pathname;
    await reply
      .header('set-cookie', cookies)
      .header('cache-control', 'no-store')
      .header('referrer-policy', 'no-referrer')
      .redirect(new URL(path, this.publicUrl.get()).href, 303);
  }

  private async end(session: LiveSession, correlationId: string): Promise<void> {
    const { organizationId, id } = session;
    await this.ender.end(organizationId, { ids: [id] }, 'signed-out', toPersonActor(session, correlationId));
  }

  private async describe({ organizationId, userId }: LiveSession): Promise<Somebody> {
    const view = await this.directory.userView(this.unitOfWork.read, organizationId, userId);
    const organization = (await this.organizations.find(organizationId))?.name ?? '';
    return { name: view ? userNameOf(view) : '', userName: view?.user.userName ?? '', organization };
  }
}

const isSamePerson = (one: LiveSession, other: LiveSession): boolean =>
  one.organizationId === other.organizationId && one.userId === other.userId;
