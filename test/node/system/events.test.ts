// What happens is said once: the log line, the counter and the server-sent event of each method.
import { beforeEach, expect, test } from 'vitest';
import { Events, type PeerEvent } from '../../../node/system/events.ts';

let events: Events;
let lines: [string, object, string][];
let streamed: PeerEvent[];

beforeEach(() => {
  lines = [];
  streamed = [];
  const at = (level: string) => (fields: object, message: string) => void lines.push([level, fields, message]);
  const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  events = new Events({ log, process: false });
  events.subscribe((event) => void streamed.push(event));
});

const counted = async () => (await events.metrics()).split('\n').filter((line) => /^dicomnet_\w+\{/.test(line));

test('a request, ours or another member’s', async () => {
  events.requestDecided({ id: 'a1', state: 'granted', member: 'm1' });
  events.requestChanged({ id: 'b2', state: 'queued' });
  expect(lines).toEqual([
    ['info', { direction: 'in', state: 'granted', member: 'm1', request: 'a1' }, 'a request was decided'],
    ['info', { direction: 'out', state: 'queued', request: 'b2' }, 'a request changed'],
  ]);
  expect(streamed).toEqual([
    { type: 'request', data: { id: 'a1', direction: 'in', state: 'granted' } },
    { type: 'request', data: { id: 'b2', direction: 'out', state: 'queued' } },
  ]);
  expect(await counted()).toEqual([
    'dicomnet_request_total{direction="in",state="granted"} 1',
    'dicomnet_request_total{direction="out",state="queued"} 1',
  ]);
});

test('a transfer is streamed while it runs, and said and counted when it ends', async () => {
  const transfer = { id: 't1', request: 'a1', objects: { done: 1, total: 2 } };
  events.transferMoved({ ...transfer, state: 'running' });
  expect([lines, await counted()]).toEqual([[], []]);
  events.transferEnded({ ...transfer, state: 'failed', code: 'access/revoked' });
  const said = { direction: 'in', state: 'failed', request: 'a1', code: 'access/revoked' };
  expect(lines).toEqual([['info', said, 'a transfer ended']]);
  expect(streamed).toEqual([
    { type: 'transfer', data: { ...transfer, state: 'running' } },
    { type: 'transfer', data: { ...transfer, state: 'failed', code: 'access/revoked' } },
  ]);
  expect(await counted()).toEqual(['dicomnet_transfer_total{direction="in",state="failed"} 1']);
});

test('an alarm has its kind’s words', async () => {
  events.alarm('route-failed', { ae: 'PACS', count: 3 });
  events.alarm('roster-roster/fork', { number: 7 });
  const message = 'instances could not be sent on for days and were given up';
  expect(lines[0]).toEqual(['warn', { alarm: 'route-failed', ae: 'PACS', count: 3 }, message]);
  expect(streamed).toEqual([
    { type: 'alarm', data: { kind: 'route-failed', message, ae: 'PACS', count: 3 } },
    { type: 'alarm', data: { kind: 'roster-roster/fork', message: 'the roster needs attention', number: 7 } },
  ]);
  expect(await counted()).toContain('dicomnet_alarm_total{kind="route-failed"} 1');
});

test('no log line or label names a study', async () => {
  events.studyChanged('1.2.3');
  expect([lines, await counted()]).toEqual([[], []]);
  expect(streamed).toEqual([{ type: 'study', data: { studyUid: '1.2.3' } }]);
});

test('what is only said and counted', async () => {
  events.instanceArrived('dimse', 'imported');
  events.patientLookedUp('incomplete');
  events.summaryAnswered('denied', 'm1');
  events.messageRefused('access/replayed', 'p1');
  events.rosterInForce(4);
  expect(lines.map(([level, , message]) => [level, message])).toEqual([
    ['debug', 'an instance came in'],
    ['info', 'a patient was looked up'],
    ['info', 'a summary request was answered'],
    ['debug', 'a message was refused'],
    ['info', 'a roster is in force'],
  ]);
  expect(streamed).toEqual([{ type: 'roster', data: { number: 4 } }]);
  expect(await counted()).toEqual([
    'dicomnet_import_total{source="dimse",outcome="imported"} 1',
    'dicomnet_find_total{outcome="incomplete"} 1',
    'dicomnet_summary_total{outcome="denied"} 1',
    'dicomnet_refused_total{code="access/replayed"} 1',
  ]);
});
