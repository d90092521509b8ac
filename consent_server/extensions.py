"""Extensions, made without an app."""

from typing import TYPE_CHECKING

from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy

from consent_server.database import Base

db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    # Flask-SQLAlchemy makes its base at run time; to a type checker it is ours.
    class Model(Base):
        pass
else:
    Model = db.Model
migrate = Migrate(compare_type=True, render_as_batch=True)
