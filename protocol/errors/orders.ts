// 108x: orders, worklist and performed procedure steps.
import { conflict, damaged, type ErrorRow, unavailable } from './row.ts';

export const orders = {
  'order/fhir': {
    wire: 1080,
    ...damaged,
    text: 'The FHIR resource is not an order that can be taken; correct what is named.',
  },
  'order/hl7': {
    wire: 1081,
    ...damaged,
    text: 'The HL7 message is malformed or not an order that can be taken; correct what is named.',
  },
  'order/unknown': { wire: 1082, http: 404, dimse: 0x0112, retry: false, text: 'There is no such order here.' },
  'order/ended': {
    wire: 1083,
    http: 409,
    dimse: 0x0110,
    retry: false,
    text: 'The order has ended and cannot be changed any more.',
  },
  'order/full': { wire: 1084, ...unavailable, text: 'Too many orders are open; cancel or complete some first.' },
  'mpps/attribute': {
    wire: 1085,
    http: 400,
    dimse: 0x0106,
    retry: false,
    text: 'An attribute of the performed procedure step has a wrong value.',
  },
  'mpps/missing': {
    wire: 1086,
    http: 400,
    dimse: 0x0121,
    retry: false,
    text: 'The performed procedure step lacks a value that it must have.',
  },
  'mpps/duplicate': {
    wire: 1087,
    http: 409,
    dimse: 0x0111,
    retry: false,
    text: 'The performed procedure step exists already.',
  },
  'mpps/unknown': {
    wire: 1088,
    http: 404,
    dimse: 0x0112,
    retry: false,
    text: 'There is no such performed procedure step here.',
  },
  'order/conflict': {
    wire: 1089,
    ...conflict,
    text: 'Another order has this accession number or Study Instance UID; send one of its own.',
  },
} as const satisfies Record<string, ErrorRow>;
