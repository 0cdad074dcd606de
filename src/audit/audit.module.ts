import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.service.js';
import { RecordsReader } from './records.reader.js';
import { SignInRecords } from './sign-in-records.service.js';

@Module({ providers: [AuditLog, SignInRecords, RecordsReader], exports: [AuditLog, SignInRecords, RecordsReader] })
export class AuditModule {}
