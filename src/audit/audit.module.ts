import { Module } from '@nestjs/common';
import { AuditLog } from './audit-log.service.js';
import { SignInRecords } from './sign-in-records.service.js';

@Module({ providers: [AuditLog, SignInRecords], exports: [AuditLog, SignInRecords] })
export class AuditModule {}
