package peer;

import ai.timefold.solver.core.api.score.director.ScoreDirector;
import ai.timefold.solver.core.impl.heuristic.move.AbstractMove;

/** Several changes made as one move: people seated, leaders and rooms given. */
public final class Patch extends AbstractMove<Board> {
    private final Visit[] visits;
    private final Session[] places;
    private final Session[] staffed;
    private final Integer[][] staff;

    Patch(Visit[] visits, Session[] places, Session[] staffed, Integer[][] staff) {
        this.visits = visits;
        this.places = places;
        this.staffed = staffed;
        this.staff = staff;
    }

    @Override
    public boolean isMoveDoable(ScoreDirector<Board> director) {
        return visits.length + staffed.length > 0;
    }

    @Override
    protected void doMoveOnGenuineVariables(ScoreDirector<Board> director) {
        for (int i = 0; i < staffed.length; i++) {
            Session session = staffed[i];
            if (staff[i][0] != session.first) {
                director.beforeVariableChanged(session, "first");
                session.first = staff[i][0];
                director.afterVariableChanged(session, "first");
            }
            if (staff[i][1] != session.second) {
                director.beforeVariableChanged(session, "second");
                session.second = staff[i][1];
                director.afterVariableChanged(session, "second");
            }
            if (staff[i][2] != session.room) {
                director.beforeVariableChanged(session, "room");
                session.room = staff[i][2];
                director.afterVariableChanged(session, "room");
            }
        }
        for (int i = 0; i < visits.length; i++) {
            director.beforeVariableChanged(visits[i], "session");
            visits[i].session = places[i];
            director.afterVariableChanged(visits[i], "session");
        }
    }
}
