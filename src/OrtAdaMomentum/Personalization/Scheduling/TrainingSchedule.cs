namespace OrtAdaMomentum.Personalization;

/// <summary>When training may run: whether it may go on now, what holds it up while it may not, and how long ago the latest run was.</summary>
internal sealed record TrainingSchedule(TrainingPermit Permit, TrainingHold Hold, RunInterval Interval);
