import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.service.js';
import { HistoryReader } from './history.reader.js';
import { Measurements } from './measurements.service.js';
import { RecordsReader } from './records.reader.js';
import { SignInRecords } from './sign-in-records.service.js';

const PROVIDERS = [AuditLog, SignInRecords, RecordsReader, HistoryReader, Measurements];

@Module({ providers: PROVIDERS, exports: PROVIDERS })
export class AuditModule {}
