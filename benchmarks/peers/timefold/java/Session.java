package peer;

import ai.timefold.solver.core.api.domain.entity.PlanningEntity;
import ai.timefold.solver.core.api.domain.lookup.PlanningId;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.domain.variable.PlanningVariable;
import java.util.Arrays;
import java.util.List;

/** A session that may run in a block for a group. It runs when somebody sits in it; else its leaders count for nothing. */
@PlanningEntity
public class Session {
    @PlanningId
    public int id;
    public Facts facts;

    @PlanningVariable(allowsUnassigned = true, valueRangeProviderRefs = "leaders")
    public Integer first;

    @PlanningVariable(allowsUnassigned = true, valueRangeProviderRefs = "seconds")
    public Integer second;

    @PlanningVariable(allowsUnassigned = true, valueRangeProviderRefs = "rooms")
    public Integer room;

    public Session() {}

    Session(int id, Facts facts) {
        this.id = id;
        this.facts = facts;
    }

    int cell() {
        return facts.slotCell[id];
    }

    int block() {
        return facts.blockOf(id);
    }

    int group() {
        return facts.groupOf(id);
    }

    boolean isLedBy(int therapist) {
        return first != null && first == therapist || second != null && second == therapist;
    }

    /** The most people: the group's limit or the room's seats. */
    int cap() {
        int cap = facts.groups[group()][Facts.CAP];
        return room == null ? cap : Math.min(cap, facts.rooms[room][0]);
    }

    @ValueRangeProvider(id = "leaders")
    public List<Integer> getLeaders() {
        return boxed(facts.cellTherapists[cell()]);
    }

    @ValueRangeProvider(id = "seconds")
    public List<Integer> getSeconds() {
        return facts.groups[group()][Facts.LEADERS] < 2 ? List.of() : getLeaders();
    }

    @ValueRangeProvider(id = "rooms")
    public List<Integer> getRooms() {
        return boxed(facts.cellRooms[cell()]);
    }

    private static List<Integer> boxed(int[] values) {
        return Arrays.stream(values).boxed().toList();
    }
}
