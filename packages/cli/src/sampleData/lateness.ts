/** One payment in ten is late, by its key, so that a history and the days that follow it agree. */
const lateBy: Readonly<Record<number, number>> = { 7: 5, 15: 12, 23: 26, 31: 50 };

/** After so many payments it begins anew. */
export const latenessPeriod = 40;

/** How many days after its payment date a payment comes in, at most a week-end more; 0 for most. */
export const daysLate = (paymentId: number): number => lateBy[paymentId % latenessPeriod] ?? 0;
