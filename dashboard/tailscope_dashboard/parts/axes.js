// Ticks, scales and numbers.

// Multiples of a 1-2-2.5-5 step inside [low, high], about `target` of them.
export function niceTicks(low, high, target) {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, target);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].find((m) => m * power >= raw * 0.999) * power;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) ticks.push(i * step);
  return ticks;
}

// Powers of ten (every nth when there are many); 1, 2, 5 of each decade when there are few.
export function logTicks(low, high, target) {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.ceil(Math.log10(high) - 1e-9);
  const inside = (v) => v >= low * (1 - 1e-9) && v <= high * (1 + 1e-9);
  const decades = Math.log10(high / low);
  const mantissas = decades < 0.7 ? null : decades <= target / 3 ? [1, 2, 5] : decades <= target / 2 ? [1, 3] : [1];
  if (!mantissas) return niceTicks(low, high, target).filter((v) => v > 0);
  const every = Math.max(1, Math.ceil(decades / target));
  const ticks = [];
  for (let k = first; k <= last; k++) {
    if (mantissas.length === 1 && ((k % every) + every) % every) continue;
    for (const m of mantissas) if (inside(m * 10 ** k)) ticks.push(m * 10 ** k);
  }
  return ticks.length > 1 ? ticks : [low, high];
}

// The unlabelled ticks 2..9 of each decade.
export function minorLogTicks(low, high) {
  const ticks = [];
  if (Math.log10(high / low) > 8) return ticks;
  for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++) {
    for (let m = 1; m < 10; m++) if (m * 10 ** k > low && m * 10 ** k < high) ticks.push(m * 10 ** k);
  }
  return ticks;
}

// Texts of linear ticks with a common power of ten where numbers would get long: {texts, exponent}.
export function tickTexts(ticks) {
  const largest = Math.max(...ticks.map(Math.abs));
  if (!(largest > 0)) return { texts: ticks.map(String), exponent: 0 };
  const power = Math.floor(Math.log10(largest) + 1e-9);
  const exponent = power >= 5 || power <= -3 ? power : 0;
  const step = ticks.length > 1 ? (ticks[1] - ticks[0]) / 10 ** exponent : largest / 10 ** exponent;
  let digits = 0;
  while (digits < 6 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6 * 10 ** digits) digits++;
  const texts = ticks.map((v) => minus((v / 10 ** exponent).toFixed(digits)));
  return { texts, exponent };
}

// Label (LaTeX) of one tick on a logarithmic axis.
export function logTickLabel(value) {
  const power = Math.floor(Math.log10(value) + 1e-9);
  const mantissa = value / 10 ** power;
  if (power >= -2 && power <= 3) return minus(String(Number(value.toPrecision(3))));
  const lead = Math.abs(mantissa - 1) < 1e-6 ? "" : `${Number(mantissa.toPrecision(2))}\\times`;
  return `${lead}10^{${minus(String(power))}}`;
}

function minus(text) {
  return text.replace("-", "−");
}

// Short text of a number: 1.6, 0.025, 3.2e-5.
export function shortNumber(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-4) return minus(value.toExponential(digits - 1).replace(/\.?0+e/u, "e").replace("e+", "e"));
  return minus(String(Number(value.toPrecision(Math.max(digits, Math.ceil(Math.log10(size)))))));
}

export function groupedInteger(value) {
  return Math.round(value).toString().replaceAll(/\B(?=(\d{3})+$)/gu, "\u202f");
}

// A number with its error, both to a tenth where the error is below ten.
export function plusMinus(value, error) {
  if (error >= 10) return `${minus(groupedInteger(value))} ± ${groupedInteger(error)}`;
  const whole = Math.trunc(Math.abs(value) * 10 + 0.5) / 10;
  return `${value < 0 && whole ? "−" : ""}${groupedInteger(Math.floor(whole))}.${Math.round(10 * (whole % 1))} ± ${error.toFixed(1)}`;
}

export function percentText(fraction) {
  if (!Number.isFinite(fraction)) return "–";
  const percent = 100 * fraction;
  if (percent === 0) return "0 %";
  if (percent < 0.001) return "<0.001 %";
  const digits = percent >= 99.95 ? 0 : percent >= 10 ? 1 : percent >= 0.1 ? 2 : 3;
  return `${percent.toFixed(digits)} %`;
}

export function roundTo(value, digits) {
  return Number(value.toPrecision(digits));
}

// The smallest round number at or above a value: where an axis ends.
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((m) => m * power >= value * 0.9999) * power;
}

// Position along an axis, as a fraction of its length.
export function axisFraction(value, low, high, log) {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

export function axisValue(fraction, low, high, log) {
  return log ? low * (high / low) ** fraction : low + fraction * (high - low);
}
