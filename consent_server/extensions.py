"""Extensions, made without an app."""

from typing import TYPE_CHECKING

from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from consent_server.database import Base
from consent_server.security import client_key

db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    # Flask-SQLAlchemy makes its base at run time; to a type checker it is ours.
    class Model(Base):
        pass
else:
    Model = db.Model
migrate = Migrate(compare_type=True, render_as_batch=True)
limiter = Limiter(key_func=client_key, storage_uri="memory://", headers_enabled=False)
