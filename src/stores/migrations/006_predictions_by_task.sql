-- Predictions of models that do not tell one of two classes: a probability for each class, or a value.

alter table predictions
  alter column probability drop not null,
  add column probabilities real[],
  add column value double precision,
  add constraint predictions_one_output check (num_nonnulls(probability, probabilities, value) = 1),
  add constraint predictions_probabilities_check check (
    cardinality(probabilities) >= 3 and array_position(probabilities, null) is null
    and 0 <= all (probabilities) and 1 >= all (probabilities)),
  add constraint predictions_value_check check (value <> 'NaN' and value > '-Infinity' and value < 'Infinity');
comment on column predictions.probability is 'Of class 1, where there are two classes.';
comment on column predictions.probabilities is 'Of each class, in the order of the definition''s label.classes.';
comment on column predictions.value is 'Of a regression.';
