import { Inject, Injectable, type INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { PublicUrl } from '../../platform/public-url.js';

/** The OpenAPI description of the admin door, made of its controllers at the first look. */
@Injectable()
export class ApiDocument {
  private build: (() => OpenAPIObject) | undefined;
  private document: OpenAPIObject | undefined;

  constructor(@Inject(PublicUrl) private readonly publicUrl: PublicUrl) {}

  /** The application is not known to its own providers. `door`: the module whose controllers are described. */
  describe(app: INestApplication, door: new () => object): void {
    this.build = () => SwaggerModule.createDocument(app, this.frame(), { include: [door] });
  }

  get(): OpenAPIObject {
    this.document ??= this.build?.();
    if (!this.document) throw new Error('The API is described once the application is set up');
    return this.document;
  }

  private frame() {
    return new DocumentBuilder()
      .setTitle('Rollcall admin API')
      .setDescription(
        'Organizations, connections, tokens, domains, people and records. Errors are problems (RFC 9457). Lists are pages: send `next` back as `after`.',
      )
      .setVersion('1')
      .addServer(this.publicUrl.get())
      .addBearerAuth({
        type: 'http',
        scheme: 'bearer',
        description: 'An operator token: npm run cli -- admin-token create',
      })
      .build();
  }
}
