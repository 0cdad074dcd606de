import {
  applyDecorators,
  Delete,
  Get,
  HttpCode,
  Patch,
  Post,
  Put,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiConsumes,
  ApiExtraModels,
  ApiOperation,
  ApiParam,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { AdminTokenGuard } from './http/admin-token.guard.js';
import { PreviewStatus } from './http/preview-status.interceptor.js';
import { VALIDATION } from './http/validation.pipe.js';
import { PARAMETER_DOCS, parametersOf, type Operation as Line } from './operation.js';
import { operationNamed, type OperationName } from './operations.table.js';
import { ProblemView } from './views/problem.view.js';

const ROUTE = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete } as const;

/** Makes a controller method the one for this line of the table: its route, its guard, its checks and its description. */
export function Operation(name: OperationName): MethodDecorator {
  const line = operationNamed(name);
  const { method, path, summary, consumes } = line;
  return applyDecorators(
    ROUTE[method](path),
    HttpCode(statusOf(line)),
    UseGuards(AdminTokenGuard),
    UsePipes(VALIDATION),
    ...(line.previews ? [UseInterceptors(PreviewStatus)] : []),
    ApiTags(name.split(' ')[0]!),
    ApiBearerAuth(),
    ApiOperation({ operationId: name.replace(' ', '_'), summary }),
    ...parametersOf(path).map((parameter) =>
      ApiParam({ name: parameter, type: String, description: PARAMETER_DOCS[parameter]! }),
    ),
    ...(consumes ? [ApiConsumes('application/json', ...consumes)] : []),
    ...answers(line),
  );
}

const statusOf = ({ name, returns }: Line): number =>
  returns === undefined ? 204 : /\b(create|claim|rotate)$/.test(name) ? 201 : 200;

function answers(line: Line): MethodDecorator[] {
  const { returns, paged, summary, previews } = line;
  const problem = { 'application/problem+json': { schema: { $ref: getSchemaPath(ProblemView) } } };
  const refused = ApiResponse({ status: 'default', description: 'What was wrong (RFC 9457)', content: problem });
  const status = statusOf(line);
  // Where the command itself is answered 200 too, the two are alternatives.
  const preview = previews && { $ref: getSchemaPath(previews) };
  const previewed =
    previews && status !== 200
      ? [
          ApiExtraModels(previews),
          ApiResponse({ status: 200, description: 'With preview: what would happen', schema: preview! }),
        ]
      : [];
  if (!returns)
    return [ApiExtraModels(ProblemView), ApiResponse({ status, description: 'Done' }), ...previewed, refused];
  const item = { $ref: getSchemaPath(returns) };
  const schema = paged
    ? {
        type: 'object',
        required: ['items', 'next'],
        properties: {
          items: { type: 'array', items: item },
          next: { type: 'string', nullable: true, description: '`after` of the next page; null: this is the last' },
        },
      }
    : preview && status === 200
      ? { oneOf: [item, preview] }
      : item;
  const models = [ProblemView, returns, ...(previews ? [previews] : [])];
  return [ApiExtraModels(...models), ApiResponse({ status, description: summary, schema }), ...previewed, refused];
}
