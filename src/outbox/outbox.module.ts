import { Module } from '@nestjs/common';
import { EventsReader } from './events.reader.js';
import { Outbox } from './outbox.service.js';

@Module({ providers: [Outbox, EventsReader], exports: [Outbox, EventsReader] })
export class OutboxModule {}
