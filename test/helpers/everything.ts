import { SamplingPlan } from "../../src/source/sampling/plan.js";

/** Every picture of every fragment. */
export const EVERYTHING = new SamplingPlan("exact", undefined);
