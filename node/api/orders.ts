// Orders for imaging: posted as FHIR R4 or HL7 v2, listed, looked at, cancelled. Scanners see them as their worklist.
import { type Static, Type } from 'typebox';
import { limits } from '../../protocol/limits.ts';
import { defineList, defineRoute } from './route.ts';
import { closed, Id, Optional, oneOf, UnixMs, WithId } from './schemas.ts';

export const fhirTypes = ['application/fhir+json', 'application/json'] as const;
export const hl7Types = ['x-application/hl7-v2+er7', 'application/hl7-v2+er7', 'application/hl7-v2'] as const;

const Status = oneOf(['requested', 'scheduled', 'in-progress', 'completed', 'discontinued']);

const Step = closed({
  id: Type.String({ description: 'Scheduled Procedure Step ID.' }),
  status: Status,
  modality: Optional,
  station: Type.Optional(Type.String({ description: 'AE title; any station, if absent.' })),
  start: Type.Optional(closed({ date: Type.String(), time: Type.String() })),
  performer: Optional,
  description: Optional,
  performed: Type.Array(Type.String({ description: 'SOP Instance UID of a performed procedure step.' })),
});

const Order = closed({
  id: Id,
  status: Status,
  source: Type.String(),
  placer: Optional,
  filler: Optional,
  accession: Type.String(),
  procedureId: Type.String(),
  studyUid: Type.String({ description: 'Study Instance UID that the images will have.' }),
  patient: closed({ id: Type.String(), issuer: Optional, name: Type.String(), birthDate: Optional, sex: Optional }),
  description: Optional,
  reason: Optional,
  priority: Type.String(),
  referring: Optional,
  requesting: Optional,
  steps: Type.Array(Step),
  ordered: UnixMs,
  changed: UnixMs,
  acquired: Type.Optional(Type.Integer({ description: 'When the first images came, unix ms.' })),
});
export type Order = Static<typeof Order>;

const tag = 'orders';
const path = '/api/v1/orders';

export const orders = {
  place: defineRoute({
    method: 'POST',
    path,
    needs: 'import',
    tag,
    summary:
      'Places, changes or cancels orders: FHIR R4 (ServiceRequest, or a Bundle of them), or HL7 v2 (ORM^O01, OMG^O19, OMI^O23).',
    bodyBytes: limits.orderBytes,
    body: {
      types: [...fhirTypes, ...hl7Types],
      about: 'The order; HL7 v2 is acknowledged in HL7 v2 but for who accepts JSON.',
    },
    answer: closed({ orders: Type.Array(Order) }),
    status: 201,
  }),
  list: defineList({
    path,
    needs: ['view', 'worklist'],
    tag,
    summary: 'Orders, oldest first.',
    query: { status: Type.Optional(Status) },
    row: Order,
  }),
  get: defineRoute({
    method: 'GET',
    path: `${path}/:id`,
    needs: ['view', 'worklist'],
    tag,
    summary: 'One order.',
    params: WithId,
    answer: Order,
  }),
  cancel: defineRoute({
    method: 'DELETE',
    path: `${path}/:id`,
    needs: 'import',
    tag,
    summary: 'Cancels an order.',
    params: WithId,
    answer: Order,
  }),
};
