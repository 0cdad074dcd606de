import { html } from '../../platform/html.js';

/** Only our own files; the page's library writes styles of its own. Tokens are sent to this server alone. */
export const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** `base`: the path of the admin API. */
export const toDocsPage = (base: string): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Admin API – Rollcall</title>
        <link rel="stylesheet" href="${base}/docs/swagger-ui.css" />
      </head>
      <body>
        <div id="api"></div>
        <script src="${base}/docs/swagger-ui-bundle.js"></script>
        <script src="${base}/docs/start.js"></script>
      </body>
    </html> `.text;

/** Without `validatorUrl` the library would send the address of this API to a server of its makers. */
export const toDocsScript = (base: string): string =>
  `SwaggerUIBundle(${JSON.stringify({
    url: `${base}/openapi.json`,
    dom_id: '#api',
    deepLinking: true,
    validatorUrl: null,
    docExpansion: 'none',
    tryItOutEnabled: true,
    persistAuthorization: false,
  })});\n`;
