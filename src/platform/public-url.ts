import { Injectable } from '@nestjs/common';

/** The address this server is reached by, without a trailing slash. Known once it listens (PORT=0) or from the settings. */
@Injectable()
export class PublicUrl {
  private value: string | undefined;

  set(url: string): void {
    this.value = url;
  }

  /** Throws while the server does not listen yet. */
  get(): string {
    if (this.value === undefined) throw new Error('The public URL is not known before the server listens');
    return this.value;
  }

  /** An absolute URL under this server. */
  to(path: string): string {
    return this.get() + path;
  }

  /** Is the server reached by https, so that its cookies can demand it? */
  isSecure(): boolean {
    return this.get().startsWith('https:');
  }
}
