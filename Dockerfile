# One image for the Dask scheduler, its workers and the batch run: the same program and the same Dask everywhere.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY scheduler scheduler
COPY solver_configs solver_configs
RUN python -m venv /opt/program && /opt/program/bin/pip install --no-cache-dir '.[cluster]'

FROM python:3.11-slim
COPY --from=build /opt/program /opt/program
RUN useradd --uid 1000 --create-home program
ENV PATH=/opt/program/bin:$PATH PYTHONUNBUFFERED=1
USER 1000
WORKDIR /home/program
CMD ["group-scheduler", "--help"]
