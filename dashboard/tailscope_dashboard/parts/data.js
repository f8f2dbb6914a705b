// What a model's parameters hold, as plain data.

/**
 * Maps (of some serialisers) to plain objects, all the way down.
 *
 * @param {any} value
 * @returns {any}
 */
export function plainData(value) {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [k, plainData(v)]));
  if (Array.isArray(value)) return value.map(plainData);
  if (value && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plainData(v)]));
  }
  return value;
}
