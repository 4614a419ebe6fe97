package peer;

import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;

/** A patient's k-th visit of the week: in a session, or not made. */
@PlanningEntity
public class Visit {
    @PlanningId
    public int id;
    public int patient;

    @PlanningVariable(allowsUnassigned = true, valueRangeProviderRefs = "sessions")
    public Session session;

    public Visit() {}

    Visit(int id, int patient) {
        this.id = id;
        this.patient = patient;
    }
}
