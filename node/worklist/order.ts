// An order for imaging and its scheduled steps, as they are kept. Text is what DICOM can carry: see text.ts.
import type { CodedConcept } from '../dicom/sr/codes.ts';

/** `requested`: no time is set yet. A discontinued order was cancelled or its performance given up. */
export type OrderStatus = 'requested' | 'scheduled' | 'in-progress' | 'completed' | 'discontinued';

export interface OrderPatient {
  readonly id: string;
  /** Issuer of Patient ID: the assigning authority. */
  readonly issuer?: string | undefined;
  /** `Family^Given^Middle^Prefix^Suffix`. */
  readonly name: string;
  /** YYYYMMDD */
  readonly birthDate?: string | undefined;
  readonly sex?: 'M' | 'F' | 'O' | undefined;
}

/** A moment as DICOM writes it, in the hospital's own time. */
export interface Moment {
  readonly date: string;
  readonly time: string;
}

export interface OrderStep {
  /** Scheduled Procedure Step ID. */
  readonly id: string;
  readonly status: OrderStatus;
  readonly modality?: string | undefined;
  /** AE title of the station; any that asks, if absent. */
  readonly station?: string | undefined;
  readonly stationName?: string | undefined;
  readonly location?: string | undefined;
  readonly start?: Moment | undefined;
  readonly performer?: string | undefined;
  readonly description?: string | undefined;
  readonly protocol?: CodedConcept | undefined;
  /** SOP Instance UIDs of what was performed for it. */
  readonly performed: readonly string[];
}

/** What a sender says of an order; what it leaves out is assigned. */
export interface NewOrder {
  /** What the sender calls it: a message with the same one changes the order. */
  readonly key: string;
  readonly source: 'fhir' | 'hl7';
  readonly action: 'place' | 'cancel';
  readonly placer?: string | undefined;
  readonly filler?: string | undefined;
  readonly accession?: string | undefined;
  readonly procedureId?: string | undefined;
  readonly studyUid?: string | undefined;
  readonly patient: OrderPatient;
  readonly description?: string | undefined;
  readonly code?: CodedConcept | undefined;
  readonly reason?: string | undefined;
  readonly priority: 'STAT' | 'HIGH' | 'ROUTINE';
  readonly referring?: string | undefined;
  readonly requesting?: string | undefined;
  readonly ward?: string | undefined;
  readonly steps: readonly (Omit<OrderStep, 'id' | 'status' | 'performed'> & { readonly id?: string | undefined })[];
}

/** An order as it is kept. Times in unix ms. */
export interface Order extends Omit<NewOrder, 'action' | 'steps'> {
  /** 16 random bytes, hex. */
  readonly id: string;
  readonly status: OrderStatus;
  readonly accession: string;
  readonly procedureId: string;
  readonly studyUid: string;
  readonly steps: readonly OrderStep[];
  readonly ordered: number;
  readonly changed: number;
  /** When its first images came. */
  readonly acquired?: number | undefined;
}

export const hasEnded = (status: OrderStatus): boolean => status === 'completed' || status === 'discontinued';

/** What the steps' states make of the whole. */
export function orderStatus(steps: readonly OrderStep[]): OrderStatus {
  const states = steps.map(({ status }) => status);
  if (states.every((each) => each === 'discontinued')) return 'discontinued';
  if (states.every(hasEnded)) return 'completed';
  if (states.some((each) => each === 'in-progress' || each === 'completed')) return 'in-progress';
  return states.includes('scheduled') ? 'scheduled' : 'requested';
}
