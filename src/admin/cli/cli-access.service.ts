import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { InternalToken } from '../http/internal-token.service.js';
import { removeCredentials, writeCredentials } from './credentials.file.js';

/**
 * Lets the command line of the same computer in while this server runs. Only in development and only for the embedded database, which
 * a second process cannot open; everywhere else the command line has an operator token or opens the database itself.
 */
@Injectable()
export class CliAccess implements OnApplicationShutdown {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(InternalToken) private readonly token: InternalToken,
  ) {}

  /** `url`: where the server listens. */
  open(url: string): void {
    if (this.isOffered()) writeCredentials(this.config.dataDirectory, { url, token: this.token.value });
  }

  onApplicationShutdown(): void {
    if (this.isOffered()) removeCredentials(this.config.dataDirectory, this.token.value);
  }

  private isOffered(): boolean {
    return !this.config.production && this.config.databaseUrl === undefined;
  }
}
