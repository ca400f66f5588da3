// The flights of each airport of New York as a model of its own: three lifecycles and champions over the data of flight-delay, read once.
import { extend, variants } from 'understudy';
import flights from '../flight-delay/model';

const oneAirport = extend(flights, {
  name: 'flights-by-airport',
  description: 'Will a flight from this airport arrive 15 or more minutes late, as known at its scheduled departure?',
  dataOf: 'flight-delay',
  // An airport has a third of the flights.
  snapshot: { minTrainRows: 3_000, minHoldoutRows: 2_000, minTruthRows: 700 },
  evaluation: { superiority: { minRows: 2_000 }, slices: ['carrier'] },
});

export default variants(oneAirport, {
  ewr: { rows: "origin = 'EWR'" },
  jfk: { rows: "origin = 'JFK'" },
  lga: { rows: "origin = 'LGA'" },
});
