import { Inject, Injectable, type PipeTransform } from '@nestjs/common';
import type { GuardName } from '../../directory/guards.reader.js';
import type { Organization } from '../../organizations/connection.js';
import { OrganizationsService } from '../../organizations/organizations.service.js';
import { isUuid } from '../../platform/ids.js';
import { notFound } from './admin-problem.js';

/** The organization a path names by id or slug. Throws AdminProblem 404. */
@Injectable()
export class OrganizationPipe implements PipeTransform<string, Promise<Organization>> {
  constructor(@Inject(OrganizationsService) private readonly organizations: OrganizationsService) {}

  async transform(idOrSlug: string): Promise<Organization> {
    const found = idOrSlug.includes('\0') ? undefined : await this.organizations.find(idOrSlug);
    if (!found) throw notFound('such organization');
    return found;
  }
}

/** What is no id names nothing. Throws AdminProblem 404. */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!isUuid(id)) throw notFound('such id');
    return id.toLowerCase();
  }
}

/** The name of a guard. Throws AdminProblem 404. */
@Injectable()
export class GuardPipe implements PipeTransform<string, GuardName> {
  transform(name: string): GuardName {
    if (name === 'removals' || name === 'deprovisioning') return name;
    throw notFound('such guard: there are removals and deprovisioning');
  }
}
