package peer;

import java.util.ArrayList;
import java.util.List;

/** Changes thought of and not yet made: a layer over the board that the next move is read off. */
final class Draft {
    private Board board;
    private Facts facts;
    private Judge judge;
    private Session[] place;
    private int[] placeStamp;
    private int[] more;
    private int[] moreStamp;
    private int[] closedStamp;
    private int stamp;
    private final Bag moved = new Bag();
    private final List<Session> staffed = new ArrayList<>();
    private final List<Integer[]> staff = new ArrayList<>();

    /** Begin with nothing changed. */
    void clear(Board working) {
        if (board != working) {
            board = working;
            facts = working.facts;
            place = new Session[working.visits.size()];
            placeStamp = new int[working.visits.size()];
            more = new int[working.sessions.size()];
            moreStamp = new int[working.sessions.size()];
            closedStamp = new int[working.sessions.size()];
            stamp = 0;
        }
        judge = working.judge;
        stamp++;
        moved.size = 0;
        staffed.clear();
        staff.clear();
    }

    Session at(int visit) {
        return placeStamp[visit] == stamp ? place[visit] : board.visits.get(visit).session;
    }

    int size(int session) {
        return judge.roster[session].size + (moreStamp[session] == stamp ? more[session] : 0);
    }

    boolean runs(int session) {
        return size(session) > 0;
    }

    private void grow(Session session, int by) {
        if (session != null) {
            if (moreStamp[session.id] != stamp) {
                moreStamp[session.id] = stamp;
                more[session.id] = 0;
            }
            more[session.id] += by;
        }
    }

    void put(int visit, Session session) {
        grow(at(visit), -1);
        grow(session, 1);
        if (placeStamp[visit] != stamp) {
            placeStamp[visit] = stamp;
            moved.add(visit);
        }
        place[visit] = session;
    }

    /** Nobody goes there any more in this move. */
    int[] close(Session session) {
        int[] visits = judge.roster[session.id].copy();
        for (int visit : visits) {
            put(visit, null);
        }
        closedStamp[session.id] = stamp;
        return visits;
    }

    boolean isClosed(int session) {
        return closedStamp[session] == stamp;
    }

    void staff(Session session, Integer first, Integer second, Integer room) {
        staffed.add(session);
        staff.add(new Integer[] {first, second, room});
    }

    boolean isLedBy(Session session, int therapist) {
        for (int i = 0; i < staffed.size(); i++) {
            if (staffed.get(i) == session) {
                Integer[] now = staff.get(i);
                return now[0] != null && now[0] == therapist || now[1] != null && now[1] == therapist;
            }
        }
        return session.isLedBy(therapist);
    }

    int cap(Session session) {
        for (int i = 0; i < staffed.size(); i++) {
            if (staffed.get(i) == session && staff.get(i)[2] != null) {
                int seats = facts.rooms[staff.get(i)[2]][0];
                return Math.min(facts.groups[session.group()][Facts.CAP], seats);
            }
        }
        return session.cap();
    }

    Patch patch() {
        List<Visit> visits = new ArrayList<>();
        List<Session> places = new ArrayList<>();
        for (int i = 0; i < moved.size; i++) {
            Visit visit = board.visits.get(moved.items[i]);
            if (visit.session != place[visit.id]) {
                visits.add(visit);
                places.add(place[visit.id]);
            }
        }
        return new Patch(visits.toArray(Visit[]::new), places.toArray(Session[]::new),
                staffed.toArray(Session[]::new), staff.toArray(Integer[][]::new));
    }
}
