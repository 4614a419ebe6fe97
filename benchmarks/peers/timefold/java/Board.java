package peer;

import ai.timefold.solver.core.api.domain.solution.PlanningEntityCollectionProperty;
import ai.timefold.solver.core.api.domain.solution.PlanningScore;
import ai.timefold.solver.core.api.domain.solution.PlanningSolution;
import ai.timefold.solver.core.api.domain.valuerange.ValueRangeProvider;
import ai.timefold.solver.core.api.score.buildin.bendablelong.BendableLongScore;
import java.util.ArrayList;
import java.util.List;

/** A timetable in the making. */
@PlanningSolution(solutionCloner = Copier.class)
public class Board {
    public Facts facts;
    /** Who counts the working copy; the moves read its lists. */
    public Judge judge;

    @PlanningEntityCollectionProperty
    @ValueRangeProvider(id = "sessions")
    public List<Session> sessions = new ArrayList<>();

    @PlanningEntityCollectionProperty
    public List<Visit> visits = new ArrayList<>();

    @PlanningScore(bendableHardLevelsSize = 1, bendableSoftLevelsSize = 5)
    public BendableLongScore score;

    public Board() {}

    /** An empty timetable with the given sessions laid in: slot, first, second, room, then patients. */
    Board(Facts facts, int[][] start) {
        this.facts = facts;
        for (int s = 0; s < facts.slotCell.length; s++) {
            sessions.add(new Session(s, facts));
        }
        for (int p = 0; p < facts.patients.length; p++) {
            for (int v = facts.firstVisit[p]; v < facts.firstVisit[p + 1]; v++) {
                visits.add(new Visit(v, p));
            }
        }
        for (int[] row : start) {
            lay(row);
        }
    }

    private void lay(int[] row) {
        Session session = sessions.get(row[0]);
        session.first = row[1] < 0 ? null : row[1];
        session.second = row[2] < 0 ? null : row[2];
        session.room = row[3] < 0 ? null : row[3];
        for (int i = 4; i < row.length; i++) {
            for (int v = facts.firstVisit[row[i]]; v < facts.firstVisit[row[i] + 1]; v++) {
                if (visits.get(v).session == null) {
                    visits.get(v).session = session;
                    break;
                }
            }
        }
    }

    /** Every session that runs, in the spelling that the constructor reads. */
    int[][] rows() {
        List<List<Integer>> rosters = new ArrayList<>();
        sessions.forEach(session -> rosters.add(new ArrayList<>()));
        for (Visit visit : visits) {
            if (visit.session != null) {
                rosters.get(visit.session.id).add(visit.patient);
            }
        }
        List<int[]> rows = new ArrayList<>();
        for (Session session : sessions) {
            List<Integer> roster = rosters.get(session.id);
            if (!roster.isEmpty()) {
                int[] row = new int[4 + roster.size()];
                row[0] = session.id;
                row[1] = session.first == null ? -1 : session.first;
                row[2] = session.second == null ? -1 : session.second;
                row[3] = session.room == null ? -1 : session.room;
                for (int i = 0; i < roster.size(); i++) {
                    row[4 + i] = roster.get(i);
                }
                rows.add(row);
            }
        }
        return rows.toArray(int[][]::new);
    }
}
